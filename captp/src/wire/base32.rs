//! Bytes as letters and digits: RFC 4648, in lower case, without padding.

const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The bytes in letters and digits, five bits each, the first bits first.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let digit = |at: usize| (0..5).fold(0, |digit, next| digit << 1 | bit(5 * at + next));
    (0..(8 * bytes.len()).div_ceil(5)).map(|at| char::from(DIGITS[usize::from(digit(at))])).collect()
}

/// The 32 bytes of which this is the one spelling.
#[cfg(any(feature = "tls", test))]
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, letter) in text.bytes().enumerate() {
        let digit = DIGITS.iter().position(|digit| *digit == letter)?;
        for bit in (0..5).filter(|bit| digit >> (4 - bit) & 1 == 1) {
            let at = 5 * at + bit;
            *bytes.get_mut(at / 8)? |= 0x80 >> (at % 8);
        }
    }
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_standard_has_it() {
        for (bytes, text) in [("", ""), ("f", "my"), ("fo", "mzxq"), ("foobar", "mzxw6ytboi")] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn k11_a_key_has_one_spelling() {
        let key = std::array::from_fn(|at| (at as u8).wrapping_mul(31));
        let text = encode(&key);
        assert_eq!((text.len(), decode(&text)), (52, Some(key)));
        let last = char::from(
            DIGITS[DIGITS.iter().position(|digit| text.ends_with(char::from(*digit))).unwrap() + 1],
        );
        let loose = format!("{}{last}", &text[..51]);
        for other in [
            text.to_uppercase(),
            format!("{text}===="),
            format!("{text}a"),
            loose,
            text[..51].to_string(),
            String::new(),
        ] {
            assert_eq!(decode(&other), None, "{other}");
        }
    }
}
