//! Words that are perhaps meant to be one.

/// Whether two words differ so little that one of them may be misspelt. Not if only their digits
/// differ.
pub(crate) fn is_near(one: &str, other: &str) -> bool {
    let most = match one.len().min(other.len()) {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    };
    let plain = |word: &str| word.chars().filter(|c| !c.is_ascii_digit()).collect::<Vec<_>>();
    let (one_plain, other_plain) = (plain(one), plain(other));
    one.len().max(other.len()) <= LONGEST
        && one_plain != other_plain
        && one_plain.len().abs_diff(other_plain.len()) <= most
        && distance(&one_plain, &other_plain) <= most
}

/// How long words are compared, in bytes.
const LONGEST: usize = 100;

/// How many letters are to be added, left out, changed, or swapped with the next one.
pub(crate) fn distance(one: &[char], other: &[char]) -> usize {
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            if i == 0 || j == 0 {
                rows[i][j] = i + j;
                continue;
            }
            let changed = usize::from(one[i - 1] != other[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_near_if_one_may_be_misspelt() {
        for (one, other) in
            [("tick", "tikc"), ("Answr", "Answer"), ("Question", "Quesiton"), ("says", "say_s")]
        {
            assert!(is_near(one, other) && is_near(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("tick", "tick"),
            ("tick", "tock_"),
            ("up", "us"),
            ("Level1", "Level2"),
            ("Opens", "Closes"),
            ("n1", "m1"),
        ] {
            assert!(!is_near(one, other) && !is_near(other, one), "{one} {other}");
        }
        assert!(!is_near(&"a".repeat(1_000), &"a".repeat(1_001)));
    }
}
