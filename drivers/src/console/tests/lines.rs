//! Lines are read, in whatever pieces they come.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

use marketplace::ground;
use marketplace::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::console::{self, ConsoleFailure, ConsoleInput};

/// Gives these pieces, one for each read, and then fails or ends.
struct Pieces(VecDeque<Vec<u8>>, Option<io::ErrorKind>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.0.pop_front() else {
            return self.1.map_or(Ok(0), |kind| Err(kind.into()));
        };
        let len = piece.len().min(buffer.len());
        buffer[..len].copy_from_slice(&piece[..len]);
        if piece.len() > len {
            self.0.push_front(piece[len..].to_vec());
        }
        Ok(len)
    }
}

/// The lines of an input, and how it ended.
fn read(pieces: Vec<Vec<u8>>, end: Option<io::ErrorKind>, limit: usize) -> (Vec<String>, Reason) {
    let pieces: VecDeque<_> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
    let (lines, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Reason::Shutdown)));
    let (heard, end_heard) = (lines.clone(), ended.clone());
    let boot = move |_| {
        transition_no_state!(
            console::driver().line_limit(limit).over(Pieces(pieces, end), io::sink(), io::sink()),
            subscriber!(
                ConsoleInput(_),
                on_message!(ConsoleInput(line) => heard.lock().unwrap().push(line.to_string())),
                match_reason!(why: Reason => on_absence!({
                    *end_heard.lock().unwrap() = why;
                    at_meta_level!(quit())
                })),
            ),
        )
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ground::run(boot, std::future::pending())).unwrap();
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    let ended = ended.lock().unwrap().clone();
    (lines, ended)
}

fn kind(reason: &Reason) -> Option<String> {
    let Reason::Value(value) = reason else { return None };
    Some(ConsoleFailure::from_value(value)?.kind.to_string())
}

#[test]
fn lines_end_with_a_feed_or_both_and_the_last_with_nothing() {
    let (lines, ended) = read(vec![b"one\r".to_vec(), b"\n\ntw".to_vec(), b"o\nlast".to_vec()], None, 100);
    assert_eq!(lines, ["one", "", "two", "last"]);
    assert_eq!(ended, Reason::Normal);
}

#[test]
fn what_is_no_text_is_replaced() {
    assert_eq!(read(vec![b"a\xffb\n".to_vec()], None, 100).0, ["a\u{fffd}b"]);
}

#[test]
fn a_line_too_long_ends_it_after_those_before() {
    let (lines, ended) = read(vec![b"one\n".to_vec(), b"12345".to_vec()], None, 4);
    assert_eq!((lines, kind(&ended)), (vec!["one".to_string()], Some("LineTooLong".to_string())));
}

#[test]
fn an_error_ends_it_after_the_lines_before() {
    let (lines, ended) = read(vec![b"one\ntw".to_vec()], Some(io::ErrorKind::TimedOut), 100);
    assert_eq!((lines, kind(&ended)), (vec!["one".to_string()], Some("TimedOut".to_string())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_comes_is_lines(pieces in vec(vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..20), 0..10)) {
        let all = pieces.concat();
        let mut expected: Vec<&[u8]> = all.split(|byte| *byte == b'\n').collect();
        let last = expected.pop().unwrap_or_default();
        let mut expected: Vec<Vec<u8>> =
            expected.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect();
        expected.extend((!last.is_empty()).then(|| last.to_vec()));
        let expected: Vec<String> =
            expected.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        prop_assert_eq!(read(pieces, None, 1000), (expected, Reason::Normal));
    }
}
