//! Texts are written, to streams that take them, or do not.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use marketplace::ground;
use marketplace::prelude::*;

use crate::console::{self, ConsoleFailure, ConsoleOutput, ConsoleStream};

/// Both streams on one page.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<String>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push_str(std::str::from_utf8(bytes).unwrap());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap().push('|');
        Ok(())
    }
}

/// Takes nothing until the test lets it go on, and then fails.
struct Stuck(Receiver<()>);

impl Write for Stuck {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Err(io::ErrorKind::BrokenPipe.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends these texts as soon as the driver is there; ends when it has sent all, or with the reason
/// for which the driver has gone.
fn speaker(stream: ConsoleStream, texts: Vec<String>, stays: bool) -> Transition<()> {
    transition_no_state!(publisher!(
        ConsoleOutput(stream, _),
        on_presence!({
            let said = texts.iter().map(|text| send_message(&ConsoleOutput(stream, text.as_str().into())));
            let said: ActionTree<()> = said.collect();
            actions![said, (!stays).then(quit)]
        }),
        match_reason!(why: Reason => on_absence!(at_meta_level!(quit().because(why)))),
    ))
}

fn run(driver: Spawn<()>, speakers: Vec<Spawn<()>>) -> Result<(), GroundError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ground::run(move |_| transition_no_state!(driver, speakers), std::future::pending()))
}

fn failure(ended: Result<(), GroundError>) -> Option<String> {
    let Err(GroundError::Quit(Reason::Value(why))) = ended else { return None };
    Some(ConsoleFailure::from_value(&why)?.kind.to_string())
}

#[test]
fn everything_is_written_and_flushed_in_order_before_the_program_ends() {
    let page = Page::default();
    let driver = console::driver().over(io::empty(), page.clone(), page.clone());
    let texts = || vec!["a".to_string(), "b\n".into()];
    let out = spawn!(speaker(ConsoleStream::Out, texts(), false));
    let err = spawn!(speaker(ConsoleStream::Err, vec!["c".to_string()], false));
    assert!(run(driver, vec![out, err]).is_ok());
    assert_eq!(*page.0.lock().unwrap(), "a|b\n|c|");
}

#[test]
fn a_stream_that_cannot_be_written_to_is_told() {
    let (go, going): (Sender<()>, _) = channel();
    drop(go);
    let driver = console::driver().over(io::empty(), Stuck(going), io::sink());
    let out = spawn!(speaker(ConsoleStream::Out, vec!["a".to_string()], true));
    assert_eq!(failure(run(driver, vec![out])).as_deref(), Some("BrokenPipe"));
}

#[test]
fn too_much_that_waits_is_told_while_the_stream_is_stuck() {
    let (go, going): (Sender<()>, _) = channel();
    let driver = console::driver().write_limit(10).over(io::empty(), Stuck(going), io::sink());
    let texts = vec!["12345".to_string(); 3];
    let out = spawn!(speaker(ConsoleStream::Out, texts, true));
    // It ends by what the speaker does at the news: the stream is let go when the speaker has heard
    // it.
    let release = spawn!({
        let go = Mutex::new(Some(go));
        transition_no_state!(observe_subscribers!(
            ConsoleOutput(ConsoleStream::Out, _),
            on_absence!(drop(go.lock().unwrap().take())),
        ))
    });
    assert_eq!(failure(run(driver, vec![release, out])).as_deref(), Some("Overrun"));
}
