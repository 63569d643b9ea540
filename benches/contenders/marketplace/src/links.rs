//! Two vats on two threads, joined by CapTP over TCP.

use std::net::SocketAddr;

use harness::{IN_FLIGHT, PIPELINE, Run, Samples, Stopwatch, relay};
use marketplace::objects::*;
use marketplace::prelude::*;
use marketplace::vat::{Vat, VatOptions};
use marketplace_captp::netlayer::tcp_testing_only;
use marketplace_captp::wire::Sturdyref;
use marketplace_captp::{Peer, enliven, peer};

struct Counter(u64);

#[object]
impl Counter {
    fn add(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(n);
        self.0
    }

    /// Answers with itself.
    fn next(&self, cx: &Cx<Self>) -> Far<Self> {
        cx.me()
    }
}

/// Calls a counter on another machine.
struct Caller(Far<Counter>);

#[object]
impl Caller {
    /// One call after another.
    fn calls(&self, cx: &Cx<Self>, left: u64) -> Promise<()> {
        let sum = self.0.add(cx, 1);
        cx.when(sum, move |caller, cx, sum: Result<u64, Reason>| {
            sum?;
            Ok(if left > 1 { caller.calls(cx, left - 1) } else { ().into() })
        })
    }

    /// So many bursts of calls, one after another.
    fn bursts(&self, cx: &Cx<Self>, left: u64) -> Promise<()> {
        let sums = all(cx, (0..IN_FLIGHT).map(|_| self.0.add(cx, 1)).collect::<Vec<_>>());
        cx.when(sums, move |caller, cx, sums: Result<Vec<u64>, Reason>| {
            sums?;
            Ok(if left > 1 { caller.bursts(cx, left - 1) } else { ().into() })
        })
    }

    /// So many pipelines, one after another.
    fn pipelines(&self, cx: &Cx<Self>, left: u64) -> Promise<()> {
        let last = (1..PIPELINE).fold(self.0.next(cx), |at, _| at.next(cx));
        cx.when(last, move |caller, cx, last: Result<Far<Counter>, Reason>| {
            last?;
            Ok(if left > 1 { caller.pipelines(cx, left - 1) } else { ().into() })
        })
    }

    /// So many bursts of messages without answers. A call ends each.
    fn tells(&self, cx: &Cx<Self>, left: u64) -> Promise<()> {
        (1..IN_FLIGHT).for_each(|_| drop(self.0.add(cx, 1)));
        let sum = self.0.add(cx, 1);
        cx.when(sum, move |caller, cx, sum: Result<u64, Reason>| {
            sum?;
            Ok(if left > 1 { caller.tells(cx, left - 1) } else { ().into() })
        })
    }
}

pub(crate) fn run(run: &Run) {
    let [(bank, at_bank), (shop, at_shop)] = [vat(), vat()];
    let counter = bank.spawn_object(Counter(0)).expect("it runs");
    let uri = bank.ask(|cx| at_bank.publish(cx, &counter)).wait().expect("an address");
    let caller = caller(&shop, &at_shop, &uri);
    let row =
        |of: &str, what: &str, each: u64, times: u64, call: fn(&Asker, &Far<Caller>, u64) -> Promise<()>| {
            let times = run.operations(times);
            let samples = sampled(&shop, &caller, run.warm_samples(), each, times, call);
            run.record(&[("of", of.into())], what, samples);
        };
    row("a call", "call", 1, 10_000, |cx, caller, times| caller.calls(cx, times));
    row("calls in flight", "call", IN_FLIGHT, 50, |cx, caller, times| caller.bursts(cx, times));
    row("a pipeline", "pipeline", 1, 1_000, |cx, caller, times| caller.pipelines(cx, times));
    row("messages without answers", "message", IN_FLIGHT, 50, |cx, caller, times| caller.tells(cx, times));
    run.record_bytes(&[("of", "bytes of a call".into())], "call", bytes(&uri));
}

fn vat() -> (Vat, Far<dyn Peer>) {
    let (spawn, peer) = peer(tcp_testing_only::netlayer().expect("randomness"));
    (Vat::spawn(VatOptions::default(), |_| transition_no_state!(spawn)).expect("a thread"), peer)
}

fn caller(shop: &Vat, peer: &Far<dyn Peer>, uri: &str) -> Far<Caller> {
    let counter = shop.ask(|cx| enliven::<Counter>(cx, peer, uri)).wait().expect("a connection");
    shop.spawn_object(Caller(counter)).expect("it runs")
}

fn sampled(
    shop: &Vat,
    caller: &Far<Caller>,
    mut samples: Samples,
    each: u64,
    times: u64,
    call: fn(&Asker, &Far<Caller>, u64) -> Promise<()>,
) -> Samples {
    while samples.more() {
        let watch = Stopwatch::start();
        shop.ask(|cx| call(cx, caller, times)).wait().expect("answers");
        samples.push(watch.each_of(each * times));
    }
    samples
}

/// A relay in between counts them.
fn bytes(uri: &str) -> f64 {
    let location = Sturdyref::parse(uri).expect("an address").location;
    let hint = |name| location.hint(name).expect("where it listens");
    let server: SocketAddr = format!("{}:{}", hint("host"), hint("port")).parse().expect("where it listens");
    let relay = relay(server);
    let through = uri.replace(&format!("port={}", server.port()), &format!("port={}", relay.at.port()));
    let (shop, peer) = vat();
    let caller = caller(&shop, &peer, &through);
    let call = |times| shop.ask(|cx| caller.calls(cx, times)).wait().expect("answers");
    call(1);
    let before = relay.bytes();
    call(IN_FLIGHT);
    (relay.bytes() - before) as f64 / IN_FLIGHT as f64
}
