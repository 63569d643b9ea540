//! The outer half that reads: a thread, because a read of the standard input cannot be taken back.

use std::io::Read;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_util::task::AtomicWaker;
use marketplace::ground::{Stream, thread};
use marketplace::{Failure, Text};

use crate::console::messages::{ConsoleFailure, ConsoleInput};
use crate::lines::{Lines, TooLong};
use crate::lock::{lock, wait};

/// How much is read at once.
const AT_ONCE: usize = 4096;

/// The console's input. A thread of its own reads it, one line for each that is asked for. The
/// thread starts with the first, and ends with the input, or when this is dropped: at once, unless
/// it is reading, for a read cannot be taken back.
pub(super) struct Input(Arc<Shared>);

/// The state that listeners and the thread share.
struct Shared {
    state: Mutex<State>,
    asked: Condvar,
    listener: AtomicWaker,
}

struct State {
    /// The device to read; the thread has it once there is one.
    device: Option<Device>,
    wanted: bool,
    /// Nobody will ask for a line any more.
    dropped: bool,
    line: Option<Result<Text, End>>,
}

/// Its reads wait.
type Device = Box<dyn Read + Send>;

/// The reason why there is no next line, now or later.
#[derive(Clone)]
enum End {
    OfFile,
    Failed(ConsoleFailure),
}

impl Input {
    pub(super) fn new(device: Device) -> Arc<Self> {
        let state = State { device: Some(device), wanted: false, dropped: false, line: None };
        let shared = Shared { state: Mutex::new(state), asked: Condvar::new(), listener: AtomicWaker::new() };
        Arc::new(Self(Arc::new(shared)))
    }

    /// The next line, if it is there. If not, the thread is asked for it.
    fn poll_line(&self, cx: &Context<'_>, limit: usize) -> Poll<Result<Text, End>> {
        let Self(shared) = self;
        shared.listener.register(cx.waker());
        let mut state = shared.state();
        match &state.line {
            Some(Ok(_)) => {
                let line = state.line.take();
                return line.map_or(Poll::Pending, Poll::Ready);
            }
            Some(Err(end)) => return Poll::Ready(Err(end.clone())),
            None => {}
        }
        state.wanted = true;
        if let Some(device) = state.device.take() {
            let (read, failed) = (shared.clone(), shared.clone());
            let started = thread::start(
                "console-input",
                move || {
                    read.read_lines(device, limit);
                    Ok(())
                },
                move |why| failed.hand_over(Err(End::Failed(ConsoleFailure::of_thread(&why)))),
            );
            if let Err(error) = started {
                let end = End::Failed((&error).into());
                state.line = Some(Err(end.clone()));
                return Poll::Ready(Err(end));
            }
        }
        shared.asked.notify_one();
        Poll::Pending
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.0.state().dropped = true;
        self.0.asked.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The body of the thread.
    fn read_lines(&self, mut device: Device, limit: usize) {
        let (mut buffer, mut lines) = (BytesMut::new(), Lines::new(limit));
        loop {
            let mut state = self.state();
            while !state.dropped && (!state.wanted || state.line.is_some()) {
                state = wait(&self.asked, state);
            }
            if state.dropped {
                return;
            }
            drop(state);
            let line = next_line(&mut *device, &mut buffer, &mut lines, limit);
            let ended = line.is_err();
            self.hand_over(line);
            if ended {
                return;
            }
        }
    }

    fn hand_over(&self, line: Result<Text, End>) {
        {
            let mut state = self.state();
            state.wanted = false;
            state.line = Some(line);
        }
        self.listener.wake();
    }
}

/// Reads up to the end of a line. Bytes that are no UTF-8 are replaced.
fn next_line(
    device: &mut dyn Read,
    buffer: &mut BytesMut,
    lines: &mut Lines,
    limit: usize,
) -> Result<Text, End> {
    let text = |line: &[u8]| Text::from(String::from_utf8_lossy(line).into_owned());
    let too_long = |TooLong| {
        let text = format!("a line has more than {limit} bytes").into();
        End::Failed(ConsoleFailure { kind: "LineTooLong".into(), text })
    };
    loop {
        if let Some(line) = lines.split(buffer).map_err(too_long)? {
            return Ok(text(&line));
        }
        let mut more = [0; AT_ONCE];
        match device.read(&mut more) {
            Ok(0) => {
                return lines
                    .rest(buffer)
                    .map_err(too_long)?
                    .map_or(Err(End::OfFile), |line| Ok(text(&line)));
            }
            Ok(read) => buffer.extend_from_slice(&more[..read]),
            Err(error) => return Err(End::Failed((&error).into())),
        }
    }
}

/// Lines, until the input ends.
pub(super) struct Reading {
    pub(super) input: Arc<Input>,
    /// How many bytes a line may have.
    pub(super) limit: usize,
}

impl Stream for Reading {
    type Item = Result<ConsoleInput, Failure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.input.poll_line(cx, self.limit).map(|line| match line {
            Ok(line) => Some(Ok(ConsoleInput(line))),
            Err(End::OfFile) => None,
            Err(End::Failed(why)) => Some(Err(Failure::value(&why))),
        })
    }
}
