//! Objects that tests publish.

use marketplace::objects::*;
use marketplace::prelude::*;

/// A counter, and a maker of counters. It may keep another one.
#[derive(Default)]
pub(crate) struct Counter {
    sum: u64,
    kept: Option<Far<Self>>,
    never: Option<Resolver<()>>,
}

impl Counter {
    pub(crate) fn new(sum: u64) -> Self {
        Self { sum, ..Self::default() }
    }
}

#[derive(Message, Clone, Debug, PartialEq, thiserror::Error)]
#[message(error)]
#[error("{0} is too much")]
pub(crate) struct TooMuch(pub(crate) u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> Result<u64, TooMuch> {
        if n > 1000 {
            return Err(TooMuch(n));
        }
        self.sum += n;
        Ok(self.sum)
    }

    fn another(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.make(Self::default())
    }

    /// Another one, in a process of its own.
    fn apart(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.spawn(Self::default())
    }

    /// Calls another one, wherever it is.
    fn add_at(&self, cx: &Cx<Self>, other: Far<Self>, n: u64) -> Promise<u64> {
        other.add(cx, n)
    }

    /// Calls another one, when it is there.
    fn add_at_promised(&self, cx: &Cx<Self>, other: Promise<Far<Self>>, n: u64) -> Promise<u64> {
        other.add(cx, n)
    }

    fn keep(&mut self, other: Far<Self>) {
        self.kept = Some(other);
    }

    /// Calls the one that it keeps, and passes on what it answers.
    fn add_at_kept(&self, cx: &Cx<Self>, n: u64) -> Result<Promise<u64>, Broken> {
        let added = self.kept.as_ref().ok_or(Broken::Abandoned)?.add(cx, n);
        Ok(cx.when(added, |_, _, added| Ok(added?)))
    }

    fn read(&self, text: Text) -> Result<u64, std::num::ParseIntError> {
        text.parse()
    }

    fn kept(&self) -> Option<Far<Self>> {
        self.kept.clone()
    }

    /// Never answers.
    fn waits(&mut self) -> Promise<()> {
        let (never, resolver) = promise();
        self.never = Some(resolver);
        never
    }

    /// A promise, and what settles it.
    fn split(&self) -> (Promise<u64>, Resolver<u64>) {
        promise()
    }

    fn lets_go(&mut self) {
        self.kept = None;
    }

    /// Whether the other one is this one.
    fn is(&self, cx: &Cx<Self>, other: Far<Self>) -> bool {
        cx.me() == other
    }

    /// Ends its process.
    fn fall(&self, cx: &Cx<Self>) {
        cx.act(quit().because("fallen"));
    }
}
