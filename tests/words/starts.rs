//! No sentence begins with a word that leaves its subject open, as in "Who asks hears it".
//!
//! Questions may begin so, and so may headings and the words of a table's head. All Rust files and
//! all Markdown are read.

use std::fs;
use std::path::Path;

use crate::{files, prose};

/// A paragraph: its words, each with the number of its line, from 1.
type Paragraph<'s> = Vec<(usize, &'s str)>;

/// The paragraphs of a source outside code fences. An item of a list and a row of a table are
/// paragraphs of their own.
fn paragraphs(source: &str, markdown: bool) -> Vec<Paragraph<'_>> {
    let (mut all, mut in_fence) = (vec![Vec::new()], false);
    for (number, line) in (1..).zip(source.lines()) {
        let Some(text) = prose(line, markdown).map(str::trim_start) else {
            in_fence = false;
            all.push(Vec::new());
            continue;
        };
        let is_fence = text.starts_with("```");
        in_fence ^= is_fence;
        if is_fence || in_fence || text.is_empty() || text.starts_with(['#', '|', '-', '*']) {
            all.push(Vec::new());
        }
        if !is_fence && !in_fence && !text.starts_with('#') {
            let words = text.split_whitespace().map(|word| (number, word));
            all.last_mut().expect("there is one").extend(words);
        }
    }
    all
}

/// Whether this word ends a sentence with one of these signs.
fn ends(word: &str, signs: &[char]) -> bool {
    word.trim_end_matches(['*', ')', '"']).ends_with(signs)
}

/// The words that leave the subject of this sentence open, if it begins so.
fn open_subject(sentence: &[(usize, &str)]) -> Option<String> {
    let mut words = sentence.iter().map(|(_, word)| *word);
    let first = words.next()?.trim_start_matches(['(', '*', '"']);
    let second = words.next().unwrap_or_default();
    let is_open = match first {
        "Who" | "Whom" | "Whose" | "Whoever" | "What" | "Whatever" => !matches!(second, "" | "|"),
        "Those" => matches!(second, "that" | "who" | "whose"),
        "Nobody" | "One" => second == "who",
        "The" if second == "same" => words
            .next()
            .is_none_or(|third| matches!(third, "as" | "for" | "from" | "if" | "in" | "of" | "to")),
        "The" => second.starts_with("same") && ends(second, &['.', ',', ';', ':']),
        _ => false,
    };
    let end = sentence.iter().find(|(_, word)| ends(word, &['.', '!', '?']));
    let is_question = end.is_some_and(|(_, word)| ends(word, &['?']));
    (is_open && !is_question).then(|| format!("{first} {second}"))
}

/// The sentences whose subject is open: the numbers of their lines, and their first words.
fn open_sentences(source: &str, markdown: bool) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for paragraph in paragraphs(source, markdown) {
        let mut begins = true;
        for (at, (line, word)) in paragraph.iter().enumerate() {
            if begins && let Some(words) = open_subject(&paragraph[at..]) {
                found.push((*line, words));
            }
            begins = matches!(*word, "|" | "-" | "*") || ends(word, &['.', '!', '?', ':']);
        }
    }
    found
}

#[test]
fn sentences_name_their_subjects() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut found = Vec::new();
    files(root, &mut found);
    let mut wrong = Vec::new();
    let mut sources = 0;
    for path in found {
        let shown = path.strip_prefix(root).unwrap();
        let markdown = path.extension().is_some_and(|extension| extension == "md");
        sources += usize::from(shown.iter().any(|directory| directory == "src"));
        let source = fs::read_to_string(&path).unwrap();
        let open = open_sentences(&source, markdown).into_iter();
        wrong.extend(open.map(|(line, words)| format!("{}:{line}: {words} ..", shown.display())));
    }
    assert!(sources > 300, "{sources} files are not the sources of all crates");
    assert!(wrong.is_empty(), "name the process, the peer, the reader ..:\n{}", wrong.join("\n"));
}

#[test]
fn an_open_subject_is_found() {
    let lines = |source: &str| -> Vec<usize> {
        open_sentences(source, false).into_iter().map(|(line, _)| line).collect()
    };
    for open in [
        "Who asks hears it.",
        "Whoever asks hears it.",
        "What comes is heard.",
        "Those that ask hear it.",
        "The same, for observers.",
        "The same as text.",
        "The same.",
        "Nobody who asks waits.",
        "| a | Who asks hears it |",
        "- **What comes** is heard.",
    ] {
        assert_eq!(lines(&format!("/// {open}\n")), [1], "{open}");
        assert_eq!(lines(&format!("//! A peer asks. {open}\n")), [1], "{open}");
        assert_eq!(lines(&format!("// Each peer\n// asks:\n// {open}\n")), [3], "{open}");
    }
}

#[test]
fn questions_headings_code_and_nouns_are_not_found() {
    let source = "
        //! # What is told
        //! Who asks? What was it that
        //! somebody wanted?
        //! | Who | What |
        //! The same peer asks. The peer does what it is told, and the same is true here. Those are.
        //! ```
        //! // What comes is heard.
        //! ```
        const WHAT: &str = \"Who asks hears it.\";
    ";
    assert_eq!(open_sentences(source, false), []);
}
