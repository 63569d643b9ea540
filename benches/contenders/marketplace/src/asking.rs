//! Objects that are spoken to by reference: questions, answers, pipelines, chains.

use std::sync::Arc;

use harness::{ASKERS, CHAIN, Latch, PIPELINE, Run, Samples, Stopwatch};
use marketplace::GroundVm;
use marketplace::objects::*;
use marketplace::prelude::*;

use crate::{churn, empty};

struct Counter(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(n);
        self.0
    }
}

/// Asks again when it has the answer.
struct Caller {
    left: u64,
    counter: Far<Counter>,
    latch: Arc<Latch>,
}

#[object]
impl Caller {
    fn begin(&mut self, cx: &Cx<Self>, questions: u64) {
        self.left = questions;
        self.again(cx);
    }
}

impl Caller {
    fn again(&mut self, cx: &Cx<Self>) {
        if self.left == 0 {
            self.latch.hit();
            return;
        }
        self.left -= 1;
        let sum = self.counter.add(cx, 1);
        cx.when(sum, |caller, cx, sum: Result<u64, Reason>| {
            sum?;
            caller.again(cx);
            Ok(())
        });
    }
}

pub(crate) fn ask(run: &Run) {
    for n in run.sizes(&ASKERS) {
        let each = run.operations(200_000).div_ceil(n);
        let (mut vm, latch) = (empty(), Latch::new());
        let counter = vm.spawn_object(Counter(0));
        let callers: Vec<_> = (0..n)
            .map(|_| vm.spawn_object(Caller { left: 0, counter: counter.clone(), latch: latch.clone() }))
            .collect();
        let samples = sampled(vm, run.warm_samples(), &latch, n, n * each, |vm| {
            vm.tell(|cx| callers.iter().for_each(|caller| drop(caller.begin(cx, each))));
        });
        run.record(&[("n", n.into())], "answer", samples);
    }
}

/// Sends a number back, one less, until it is 0.
struct Player {
    other: Option<Far<Self>>,
    latch: Arc<Latch>,
}

#[object]
impl Player {
    fn meet(&mut self, other: Far<Self>) {
        self.other = Some(other);
    }

    fn ball(&mut self, cx: &Cx<Self>, left: u64) {
        match (left, &self.other) {
            (1.., Some(other)) => drop(other.ball(cx, left - 1)),
            _ => self.latch.hit(),
        }
    }
}

pub(crate) fn tell(run: &Run) {
    let messages = run.operations(400_000);
    let (mut vm, latch) = (empty(), Latch::new());
    let [a, b] = [(); 2].map(|()| vm.spawn_object(Player { other: None, latch: latch.clone() }));
    vm.tell(|cx| {
        a.meet(cx, &b);
        b.meet(cx, &a);
    });
    let samples = sampled(vm, run.warm_samples(), &latch, 1, messages, |vm| {
        vm.tell(|cx| a.ball(cx, messages));
    });
    run.record(&[], "message", samples);
}

/// Answers with itself.
struct Step;

#[object]
impl Step {
    fn next(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }
}

/// Sends a pipeline; another one when it has the last answer.
struct Walker {
    left: u64,
    first: Far<Step>,
    latch: Arc<Latch>,
}

#[object]
impl Walker {
    fn begin(&mut self, cx: &Cx<Self>, walks: u64) {
        self.left = walks;
        self.again(cx);
    }
}

impl Walker {
    fn again(&mut self, cx: &Cx<Self>) {
        if self.left == 0 {
            self.latch.hit();
            return;
        }
        self.left -= 1;
        let first = self.first.next(cx);
        let last = (1..PIPELINE).fold(first, |step, _| step.next(cx));
        cx.when(last, |walker, cx, last: Result<Far<Step>, Reason>| {
            last?;
            walker.again(cx);
            Ok(())
        });
    }
}

pub(crate) fn pipeline(run: &Run) {
    let walks = run.operations(20_000);
    let (mut vm, latch) = (empty(), Latch::new());
    let first = vm.spawn_object(Step);
    let walker = vm.spawn_object(Walker { left: 0, first, latch: latch.clone() });
    let samples = sampled(vm, run.warm_samples(), &latch, 1, walks, |vm| {
        vm.tell(|cx| walker.begin(cx, walks));
    });
    run.record(&[], "pipeline", samples);
}

/// Makes chains of promises, and settles the first of each.
struct Smith(Arc<Latch>);

#[object]
impl Smith {
    /// Each link is code that is called with what the one before gave.
    fn calls(&mut self, cx: &Cx<Self>) {
        let (first, resolver) = promise::<u64>();
        let last = (0..CHAIN).fold(first, |link, _| {
            cx.when(link, |_, _, given: Result<u64, Reason>| Ok(given?.wrapping_add(1)))
        });
        self.ends(cx, last, resolver);
    }

    /// Each link follows the one before.
    fn follows(&mut self, cx: &Cx<Self>) {
        let (first, resolver) = promise::<u64>();
        let last = (0..CHAIN).fold(first, |link, _| {
            let (next, resolver) = promise::<u64>();
            cx.act(resolver.follow(link));
            next
        });
        self.ends(cx, last, resolver);
    }
}

impl Smith {
    fn ends(&self, cx: &Cx<Self>, last: Promise<u64>, resolver: Resolver<u64>) {
        cx.act(resolver.fulfill(0u64));
        cx.when(last, |smith, _, last: Result<u64, Reason>| {
            last?;
            smith.0.hit();
            Ok(())
        });
    }
}

pub(crate) fn chain(run: &Run) {
    let row = |link: &str, begin: fn(&mut GroundVm, &Far<Smith>)| {
        let (mut vm, latch) = (empty(), Latch::new());
        let smith = vm.spawn_object(Smith(latch.clone()));
        let samples = sampled(vm, run.warm_samples(), &latch, 1, CHAIN, |vm| begin(vm, &smith));
        run.record(&[("link", link.into())], "promise", samples);
    };
    row("calls", |vm, smith| vm.tell(|cx| smith.calls(cx)));
    row("follows", |vm, smith| vm.tell(|cx| smith.follows(cx)));
}

/// Begins something that hits the latch so many times when it is done, and takes its time.
fn sampled(
    mut vm: GroundVm,
    mut samples: Samples,
    latch: &Latch,
    hits: u64,
    operations: u64,
    begin: impl Fn(&mut GroundVm),
) -> Samples {
    churn(&mut vm);
    while samples.more() {
        latch.arm(hits);
        let watch = Stopwatch::start();
        begin(&mut vm);
        churn(&mut vm);
        samples.push(watch.each_of(operations));
        latch.is_done();
    }
    samples
}
