//! The printer, on outputs that are stuck and broken.

use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::{Printer, WAITING};

/// Tells of each write, and lets none through before the test says so.
struct Gate {
    lines: Sender<String>,
    open: Receiver<()>,
    text: String,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.push_str(std::str::from_utf8(bytes).expect("lines are text"));
        while let Some((line, rest)) = self.text.split_once('\n') {
            // When the test is over, nobody listens.
            let _ = self.lines.send(line.into());
            let _ = self.open.recv();
            self.text = rest.into();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn who_reads_too_slowly_holds_up_nobody_and_is_told_what_is_missing() {
    let ((lines, printed), (open, opened)) = (channel(), channel());
    let printer = Printer::on(Gate { lines, open: opened, text: String::new() });
    printer.print("first".into());
    assert_eq!(printed.recv(), Ok("first".into()));
    // The thread holds the first, so that there is room for just as many.
    for number in 0..WAITING + 3 {
        printer.print(number.to_string());
    }
    drop(open);
    drop(printer);
    let expected = (0..WAITING).map(|number| number.to_string());
    let expected: Vec<_> = expected.chain(["(3 lines are left out here)".into()]).collect();
    assert_eq!(printed.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn it_is_said_where_lines_are_missing() {
    let ((lines, printed), (open, opened)) = (channel(), channel());
    let printer = Printer::on(Gate { lines, open: opened, text: String::new() });
    printer.print("first".into());
    assert_eq!(printed.recv(), Ok("first".into()));
    for number in 0..WAITING + 3 {
        printer.print(number.to_string());
    }
    open.send(()).expect("it waits");
    assert_eq!(printed.recv(), Ok("0".into()), "so there is room for one more");
    printer.print("last".into());
    drop(open);
    drop(printer);
    let rest: Vec<_> = printed.iter().collect();
    assert_eq!(rest.len(), WAITING + 1);
    assert_eq!(
        rest[WAITING - 2..],
        [(WAITING - 1).to_string().as_str(), "(3 lines are left out here)", "last"]
    );
}

#[test]
fn nothing_is_tried_when_nobody_reads_any_more() {
    struct Broken(Sender<()>);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(());
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (tried, tries) = channel();
    let printer = Printer::on(Broken(tried));
    printer.print("one".into());
    assert_eq!(tries.iter().count(), 1, "its end has closed the channel");
    (0..2 * WAITING).for_each(|number| printer.print(number.to_string()));
}
