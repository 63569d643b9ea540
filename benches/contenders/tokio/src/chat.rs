//! A room in which every member hears what every member says.

use std::hint::black_box;
use std::sync::Arc;

use harness::{CHAT, Latch, Run, Samples, Stopwatch, block_on};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// To a member.
enum ToMember {
    /// Say this to all.
    Speak(Arc<str>),
    /// Somebody says this.
    Line(Line),
}

#[derive(Clone)]
struct Line {
    who: u64,
    what: Arc<str>,
}

pub(crate) fn run(run: &Run) {
    for n in run.sizes(&[CHAT]) {
        let samples = block_on(talk(n, run.warm_samples()));
        run.record(&[("n", n.into()), ("via", "room by hand".into())], "delivery", samples);
    }
}

async fn talk(n: u64, mut samples: Samples) -> Samples {
    let latch = Latch::new();
    let (room, said) = unbounded_channel();
    let members: Vec<_> = (0..n).map(|who| member(who, &room, &latch)).collect();
    tokio::spawn(keep_room(said, members.clone()));
    while samples.more() {
        latch.arm(n * n);
        let watch = Stopwatch::start();
        for member in &members {
            let _ = member.send(ToMember::Speak("good evening, everybody".into()));
        }
        latch.wait().await;
        samples.push(watch.each_of(n * n));
    }
    samples
}

/// Tells everybody what is said.
async fn keep_room(mut said: UnboundedReceiver<Line>, members: Vec<UnboundedSender<ToMember>>) {
    while let Some(line) = said.recv().await {
        for member in &members {
            let _ = member.send(ToMember::Line(line.clone()));
        }
    }
}

/// Says what it is told to say, and keeps how many letters it has heard from how many lines.
fn member(who: u64, room: &UnboundedSender<Line>, latch: &Arc<Latch>) -> UnboundedSender<ToMember> {
    let (to, mut told) = unbounded_channel();
    let (room, latch) = (room.clone(), latch.clone());
    tokio::spawn(async move {
        let (mut lines, mut letters) = (0usize, 0usize);
        while let Some(told) = told.recv().await {
            match told {
                ToMember::Speak(what) => drop(room.send(Line { who, what })),
                ToMember::Line(line) => {
                    black_box(line.who);
                    lines += 1;
                    letters += line.what.len();
                    latch.hit();
                }
            }
        }
        black_box((lines, letters));
    });
    to
}
