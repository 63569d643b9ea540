//! The rules of ground events (R80 to R83, and what R50, R61 and R77 say of the outermost VM) on
//! tokio. No sockets, no sleeps: time is paused, and passes when nothing else can happen.

mod outer_half;
#[cfg(unix)]
mod signals;

use std::collections::VecDeque;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use marketplace::ground::{self, GRACE, Sink, Stream};
use marketplace::*;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

/// What processes wrote down, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Listens to a source at the meta level, writes down what it hears under this label, and
    /// answers.
    fn listens<S, T: IntoActionTree<S>>(
        &self,
        label: &'static str,
        source: &Source,
        answer: impl Fn(&Event<'_>) -> T + Send + 'static,
    ) -> AddEndpoint<S> {
        let log = self.clone();
        let role = Role::subscriber(Topic::record("Ground", [source.to_value().into(), Topic::any()]));
        let endpoint = AddEndpoint::new(role, move |event, turn| {
            log.note(match (event.decode::<Ground<Value>>(), event.reason()) {
                (Some(Ground(_, item)), _) => format!("{label}: {item}"),
                (_, Some(reason)) => format!("{label}: absence ({reason})"),
                _ if event.is_presence() => format!("{label}: presence"),
                _ => format!("{label}: vacancy"),
            });
            turn.act(answer(event))
        });
        name_endpoint(&1u8, endpoint)
    }

    /// The same, until the source has ended.
    fn until_end(&self, label: &'static str, source: &Source) -> ActionTree<()> {
        at_meta_level(
            self.listens(label, source, |event| {
                event.is_absence().then(|| at_meta_level(delete_endpoint(&1u8)))
            }),
        )
    }
}

/// Runs it until it is done.
async fn run(actions: impl IntoActionTree<()> + Send + 'static) -> Result<(), GroundError> {
    ground::run(|_| Transition::new((), actions), pending()).await
}

fn process<S>(actions: impl IntoActionTree<()> + Send + 'static) -> Spawn<S> {
    spawn(move |_| Transition::new((), actions))
}

fn symbol(name: &str) -> Symbol {
    Symbol::new(name)
}

fn feedback<S>(source: &Source, value: Value) -> ActionTree<S> {
    at_meta_level(send_feedback(&Ground(source.clone(), value)))
}

/// A stream that gives these and, if it is to, ends.
struct Gives<T>(VecDeque<T>, bool);

fn gives<T: Message>(items: impl IntoIterator<Item = T>) -> Gives<Result<T, Failure>> {
    Gives(items.into_iter().map(Ok).collect(), true)
}

impl<T: Unpin> Stream for Gives<T> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<T>> {
        match self.0.pop_front() {
            None if !self.1 => Poll::Pending,
            item => Poll::Ready(item),
        }
    }
}

/// A stream that never gives anything, and a sink that takes everything and is flushed when this
/// future is ready.
struct Silent;

impl Stream for Silent {
    type Item = Result<u8, Failure>;
    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

struct Takes<F> {
    log: Log,
    flushed: Pin<Box<F>>,
}

impl<F: Future<Output = ()>> Sink<Value> for Takes<F> {
    type Error = Failure;
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }
    fn start_send(self: Pin<&mut Self>, value: Value) -> Result<(), Failure> {
        if value == "fail".to_string().to_value() {
            return Err(Failure::value(&symbol("failed")));
        }
        self.log.note(format!("sink: {value}"));
        Ok(())
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let flushed = self.flushed.as_mut().poll(cx);
        if flushed.is_ready() {
            self.log.note("sink: closed");
        }
        flushed.map(Ok)
    }
}

fn takes<F: Future<Output = ()>>(log: &Log, flushed: F) -> Takes<F> {
    Takes { log: log.clone(), flushed: Box::pin(flushed) }
}

/// Its destructor panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

#[tokio::test]
async fn r80_a_stream_gives_its_items_and_ends() {
    let log = Log::default();
    run(log.until_end("ear", &Source::stream(gives([1u8, 2, 3])))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 1", "ear: 2", "ear: 3", "ear: absence (normal)"]);
}

#[tokio::test]
async fn r80_what_is_kept_of_an_item_stays_what_it_was() {
    let items = [1u8.to_value(), (2u8, (3u8, 4u8)).to_value(), 5u8.to_value(), (6u8,).to_value()];
    let source = Source::stream(gives(items.clone()));
    let (kept, log) = (Arc::new(Mutex::new(Vec::new())), Log::default());
    let keep = kept.clone();
    let ear = log.listens("ear", &source, move |event| {
        // All but the second.
        keep.lock().unwrap().extend(event.body().filter(|body| body.depth() != 3).cloned());
        event.is_absence().then(|| at_meta_level(delete_endpoint(&1u8)))
    });
    run(at_meta_level(ear)).await.unwrap();
    let [first, _, third, fourth] = items.map(|item| Ground(source.clone(), item).to_value());
    let kept = kept.lock().unwrap();
    assert_eq!(*kept, [first, third, fourth]);
    assert_eq!(kept.iter().map(Value::depth).collect::<Vec<_>>(), [1, 1, 2]);
}

#[tokio::test]
async fn r80_an_item_that_nobody_keeps_is_gone_when_it_was_heard() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (gone, log) = (Arc::new(AtomicUsize::new(0)), Log::default());
    let source =
        Source::stream(gives((0..3).map(|_| Opaque::new(Counted(gone.clone()))).collect::<Vec<_>>()));
    let seen = log.clone();
    let ear = Log::default().listens("ear", &source, move |event| {
        seen.note(format!("{} gone", gone.load(Ordering::Relaxed)));
        event.is_absence().then(|| at_meta_level(delete_endpoint(&1u8)))
    });
    run(at_meta_level(ear)).await.unwrap();
    assert_eq!(log.lines(), ["0 gone", "0 gone", "1 gone", "2 gone", "3 gone"]);
}

#[tokio::test]
async fn r80_an_item_whose_destructor_panics_fails_nobody() {
    let log = Log::default();
    let items = [Opaque::new(Bomb).to_value(), 2u8.to_value()];
    run(log.until_end("ear", &Source::stream(gives(items)))).await.unwrap();
    assert_eq!(log.lines()[2..], ["ear: 2", "ear: absence (normal)"]);
}

#[tokio::test]
async fn r80_an_error_ends_a_stream_after_its_items() {
    let log = Log::default();
    let items = [Ok(1u8), Err(Failure::value(&symbol("broken"))), Ok(2)];
    run(log.until_end("ear", &Source::stream(Gives(items.into(), true)))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 1", "ear: absence (broken)"]);
}

#[tokio::test]
async fn r80_a_stream_that_panics_ends_its_source_only() {
    let log = Log::default();
    struct Panics(Gives<Result<u8, Failure>>);
    impl Stream for Panics {
        type Item = Result<u8, Failure>;
        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            match Pin::new(&mut self.0).poll_next(cx) {
                Poll::Ready(None) => panic!("no more"),
                poll => poll,
            }
        }
    }
    let (bad, good) = (Source::stream(Panics(gives([1u8]))), Source::stream(gives([1u8, 2, 3])));
    run((log.until_end("bad", &bad), process(log.until_end("good", &good)))).await.unwrap();
    let of = |label: &str| log.lines().into_iter().filter(|line| line.starts_with(label)).collect::<Vec<_>>();
    assert_eq!(of("bad"), ["bad: presence", "bad: 1", "bad: absence (panic: no more)"]);
    assert_eq!(of("good"), ["good: presence", "good: 1", "good: 2", "good: 3", "good: absence (normal)"]);
}

#[tokio::test(start_paused = true)]
async fn r80_a_future_is_one_item() {
    let log = Log::default();
    let later = Source::future(async {
        sleep(Duration::from_secs(60)).await;
        Ok::<_, Failure>(7u8)
    });
    run(log.until_end("ear", &later)).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 7", "ear: absence (normal)"]);
    let log = Log::default();
    let fails = Source::future(async { "x".parse::<u8>() });
    run(log.until_end("ear", &fails)).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: absence (invalid digit found in string)"]);
}

#[tokio::test]
async fn r80_feedback_is_given_to_the_sink_in_order_and_flushed_at_the_end() {
    let log = Log::default();
    let source = Source::duplex(Silent, takes(&log, async {}));
    let writes: Vec<_> = (1..=3u8).map(|n| feedback::<()>(&source, n.to_value())).collect();
    let ends = at_meta_level(delete_endpoint(&1u8));
    run((at_meta_level(log.listens("ear", &source, |_| ())), writes, ends)).await.unwrap();
    assert_eq!(
        log.lines(),
        ["ear: presence", "ear: absence (normal)", "sink: 1", "sink: 2", "sink: 3", "sink: closed"]
    );
}

#[tokio::test]
async fn r80_a_sink_that_fails_ends_its_source_at_once() {
    let log = Log::default();
    let source = Source::duplex(Silent, takes(&log, async {}));
    // It is the last thing that happens: nothing wakes the host to see to what the end of the
    // source leads to.
    let first = Source::stream(gives::<u8>([]));
    let fails = source.clone();
    let fails = Log::default().listens("first", &first, move |event| {
        event.is_absence().then(|| {
            (feedback::<()>(&fails, "fail".to_string().to_value()), at_meta_level(delete_endpoint(&1u8)))
        })
    });
    run((log.until_end("ear", &source), process(at_meta_level(fails)))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: absence (failed)", "sink: closed"]);
}

#[tokio::test]
async fn r80_a_source_for_another_host_ends_at_once() {
    let log = Log::default();
    run(log.until_end("ear", &sim::Sim::source([1u8]))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: absence (this source is for another host than tokio)"]);
    let source = Source::new(Bomb);
    let mut sim = sim::Sim::new({
        let log = Log::default();
        move |_| Transition::new((), log.until_end("ear", &source))
    });
    sim.run();
    assert!(sim.is_done());
    run(Log::default().until_end("ear", &Source::new(Bomb))).await.unwrap();
}

#[tokio::test]
async fn r80_a_source_that_was_on_is_spent() {
    let log = Log::default();
    let source = Source::stream(Gives(VecDeque::<Result<u8, Failure>>::new(), false));
    let first = log.listens("first", &source, |_| at_meta_level(delete_endpoint(&1u8)));
    let again = log.listens("again", &source, |_| at_meta_level(delete_endpoint(&1u8)));
    let then = yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), at_meta_level(again)))));
    run((at_meta_level(first), then)).await.unwrap();
    assert_eq!(log.lines()[..2], ["first: presence", "first: absence (normal)"]);
    assert_eq!(log.lines().last().unwrap(), "again: absence (refused: 'spent)");
}

#[tokio::test]
async fn r81_a_source_with_credit_gives_as_many_items_as_it_has() {
    let log = Log::default();
    let source = Source::stream(gives([1u8, 2, 3, 4])).credited();
    let (end, ended) = oneshot::channel::<()>();
    let end = Mutex::new(Some(end));
    let more = source.clone();
    let ear = log.listens("ear", &source, move |event| {
        let heard = event.decode::<Ground<u8>>().map(|Ground(_, item)| item);
        if heard == Some(3) {
            end.lock().unwrap().take();
        }
        match heard {
            Some(1) => feedback::<()>(&more, Credit(2).to_value()),
            None if event.is_presence() => feedback(&more, Credit(1).to_value()),
            _ => ActionTree::new(),
        }
    });
    let boot = move |_| Transition::new((), at_meta_level(ear));
    // It is told to end after the third item; the fourth one is never asked for.
    let shutdown = async { drop(ended.await) };
    ground::run(boot, shutdown).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 1", "ear: 2", "ear: 3"]);
}

#[tokio::test]
async fn r81_sources_take_turns() {
    let log = Log::default();
    let ears = ["a", "b", "c"].map(|label| process(log.until_end(label, &Source::stream(gives(0..50u8)))));
    run(ears).await.unwrap();
    let items = log.lines().into_iter().filter(|line| !line.contains("ence"));
    let mut given = [0i32; 3];
    for line in items {
        given[usize::from(line.as_bytes()[0] - b'a')] += 1;
        let (least, most) = (given.iter().min().unwrap(), given.iter().max().unwrap());
        assert!(most - least <= 1, "{given:?}");
    }
    assert_eq!(given, [50; 3]);
}

/// A channel that counts how often it was asked in vain while it held something.
struct Counted(tokio::sync::mpsc::Receiver<u8>, Arc<AtomicUsize>);

impl Stream for Counted {
    type Item = Result<u8, Failure>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let holds = !self.0.is_empty();
        let next = self.0.poll_recv(cx);
        if holds && next.is_pending() {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
        next.map(|item| item.map(Ok))
    }
}

#[tokio::test]
async fn r81_no_source_is_asked_in_vain_however_many_are_ready() {
    let in_vain = Arc::new(AtomicUsize::new(0));
    let log = Log::default();
    let ears: Vec<_> = (0..500)
        .map(|_| {
            let (give, given) = tokio::sync::mpsc::channel(4);
            (0..4).for_each(|item| give.try_send(item).unwrap());
            process(log.until_end("ear", &Source::stream(Counted(given, in_vain.clone()))))
        })
        .collect();
    run(ears).await.unwrap();
    assert_eq!(log.lines().into_iter().filter(|line| !line.contains("ence")).count(), 2_000);
    assert_eq!(in_vain.load(Ordering::Relaxed), 0);
}

/// A process that is never idle, but ends some time if a test fails.
fn spinner<S>(turns: &Arc<AtomicUsize>) -> Spawn<S> {
    fn spin(turns: Arc<AtomicUsize>) -> Transition<()> {
        if turns.fetch_add(1, Ordering::Relaxed) > 5_000_000 {
            return Transition::new((), ());
        }
        Transition::new((), yield_now(move |()| spin(turns)))
    }
    let turns = turns.clone();
    spawn(move |_| spin(turns))
}

#[tokio::test]
async fn r81_a_vm_that_is_never_idle_serves_its_sources_and_leaves_time_to_others() {
    let turns = Arc::new(AtomicUsize::new(0));
    // Another task of the same runtime gets ten turns before the source has its item.
    let (give, given) = oneshot::channel();
    tokio::spawn(async move {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        let _ = give.send(1u8);
    });
    let source = Source::future(given);
    let log = Log::default();
    let ear = log.listens("ear", &source, |event| event.body().map(|_| at_meta_level(quit())));
    run((spinner(&turns), at_meta_level(ear))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 1"]);
    assert!(turns.load(Ordering::Relaxed) < 200_000, "{turns:?} turns of a process that is never idle");
}

#[tokio::test]
async fn r81_one_item_of_a_source_is_inside_at_a_time() {
    const EACH: usize = 5_000;
    let source = Source::stream(gives(0..30u8));
    let most = Arc::new(AtomicUsize::new(0));
    let open = Arc::new(AtomicUsize::new(0));
    let work = || Symbol::new("work");
    let ear = Log::default().listens("ear", &source, {
        let (most, open) = (most.clone(), open.clone());
        move |event| {
            let works = if event.body().is_some() { EACH } else { 0 };
            let now = open.fetch_add(works, Ordering::Relaxed) + works;
            most.fetch_max(now, Ordering::Relaxed);
            let ends = event.is_absence().then(|| at_meta_level(delete_endpoint(&1u8)));
            ((0..works).map(|_| send_message(&work())).collect::<ActionTree<()>>(), ends)
        }
    });
    let works = AddEndpoint::new(Role::subscriber(work().to_value()), move |event, turn| {
        if event.body().is_some() {
            open.fetch_sub(1, Ordering::Relaxed);
        }
        turn.skip()
    });
    run((works, at_meta_level(ear))).await.unwrap();
    assert_eq!(most.load(Ordering::Relaxed), EACH);
}

#[tokio::test(start_paused = true)]
async fn r61_the_program_ends_when_its_sinks_have_flushed() {
    let log = Log::default();
    let begun = Instant::now();
    let source = Source::duplex(Silent, takes(&log, sleep(Duration::from_secs(1))));
    let ear = log.listens("ear", &source, |_| ());
    let ends = yield_now(|()| Transition::new((), at_meta_level(delete_endpoint(&1u8))));
    run((at_meta_level(ear), ends)).await.unwrap();
    assert_eq!(log.lines().last().unwrap(), "sink: closed");
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn r61_a_sink_that_never_flushes_has_its_grace() {
    let log = Log::default();
    let begun = Instant::now();
    let source = Source::duplex(Silent, takes(&log, pending()));
    run((at_meta_level(log.listens("ear", &source, |_| ())), at_meta_level(quit()))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence"]);
    assert!((GRACE..GRACE + Duration::from_millis(10)).contains(&begun.elapsed()));
}

#[tokio::test]
async fn r83_shutdown_ends_the_youngest_first() {
    let log = Log::default();
    let watch = {
        let log = log.clone();
        AddEndpoint::new(Role::observer_of_publishers(Topic::any()), move |event, turn| {
            if let Some(reason) = event.reason() {
                log.note(format!("{:?} {reason}", event.conversation()));
            }
            turn.skip()
        })
    };
    let child = |name: &str| {
        process(AddEndpoint::new(Role::publisher(symbol(name).to_value()), |_, turn| turn.skip()))
    };
    let source = Source::stream(Gives(VecDeque::<Result<u8, Failure>>::new(), false));
    let actions = (
        process(at_meta_level(log.listens("ear", &source, |_| ()))),
        watch,
        child("elder"),
        child("younger"),
    );
    let boot = move |_| Transition::new((), actions);
    ground::run(boot, async { tokio::task::yield_now().await }).await.unwrap();
    let lines = log.lines();
    let ended: Vec<_> = lines.iter().filter(|line| line.contains("shutdown")).collect();
    assert_eq!(ended, ["'younger shutdown", "'elder shutdown"]);
}

#[tokio::test]
async fn r83_shutdown_ends_a_vm_that_is_never_idle() {
    let turns = Arc::default();
    let spins = spinner(&turns);
    ground::run(|_| Transition::new((), spins), async { tokio::task::yield_now().await }).await.unwrap();
    assert!(turns.load(Ordering::Relaxed) < 1_000_000);
}

#[tokio::test]
async fn r77_a_meta_quit_says_how_the_program_ended() {
    let ends = |reason: Reason| run(process(at_meta_level(quit().because(reason))));
    ends(Reason::Normal).await.unwrap();
    ends(Reason::Shutdown).await.unwrap();
    let reason = Reason::value(&symbol("why"));
    assert_eq!(ends(reason.clone()).await, Err(GroundError::Quit(reason)));
}

#[tokio::test]
async fn r77_a_boot_that_fails_says_so_when_the_vm_is_done() {
    let fails = || Err::<Transition<()>, _>(Failure::value(&symbol("no")));
    let no = GroundError::Boot(Reason::value(&symbol("no")));
    assert_eq!(ground::run(move |_| fails(), pending()).await, Err(no.clone()));
    let panics = ground::run(|_| -> Transition<()> { panic!("no") }, pending()).await;
    assert_eq!(panics, Err(GroundError::Boot(Reason::Panic("no".into()))));
    // Later, while another process still listens.
    let log = Log::default();
    let source = Source::stream(gives([1u8, 2]));
    let later = yield_now(move |()| fails());
    assert_eq!(run((process(log.until_end("ear", &source)), later)).await, Err(no));
    assert_eq!(log.lines().len(), 4);
}

/// A task's waker, so that a test sees who keeps it.
struct Known;

impl Wake for Known {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn r50_a_run_that_is_cancelled_leaves_nothing_behind() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let known = Arc::new(Known);
    let rings = Arc::new(Mutex::new(None::<Waker>));
    {
        let kept = rings.clone();
        let bomb = Bomb;
        let items = Gives(VecDeque::<Result<u8, Failure>>::new(), false);
        let waits = poll_fn(move |cx| {
            let _ = &bomb;
            *kept.lock().unwrap() = Some(cx.waker().clone());
            Poll::<Result<u8, Failure>>::Pending
        });
        let log = Log::default();
        let ear = log.listens("ear", &Source::future(waits), |_| ());
        // This one is turned off, and closing when the run is dropped.
        let bomb = Bomb;
        let closing = Source::duplex(
            items,
            takes(&log, async move {
                let _bomb = &bomb;
                pending().await
            }),
        );
        let turned_off =
            (at_meta_level(log.listens("closing", &closing, |_| ())), at_meta_level(delete_endpoint(&1u8)));
        let mut program = pin!(run((process(at_meta_level(ear)), turned_off)));
        let waker = Waker::from(known.clone());
        assert!(program.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        // It is to be asked, but is not any more.
        rings.lock().unwrap().as_ref().unwrap().wake_by_ref();
    }
    let late = rings.lock().unwrap().take().unwrap();
    late.wake();
    assert_eq!(Arc::strong_count(&known), 1, "nobody keeps the task");
}

#[tokio::test(start_paused = true)]
async fn r80_a_source_is_on_as_long_as_somebody_names_it() {
    let log = Log::default();
    let source = Source::stream(gives(0..3u8)).credited();
    let forever = run(at_meta_level(log.listens("ear", &source, |_| ())));
    assert!(timeout(Duration::from_secs(3600), forever).await.is_err());
    assert_eq!(log.lines(), ["ear: presence"]);
}

#[tokio::test]
async fn r18_a_program_has_limits() {
    let few = |processes| Limits { processes, ..Limits::default() };
    let boot = |_| Transition::new((), process(()));
    // Its boot process and the event relay are there already.
    let reason = |ended: Result<(), GroundError>| ended.map_err(|error| error.to_string());
    assert_eq!(
        reason(ground::run_within(few(2), boot, pending()).await),
        Err("the boot process failed: too many processes: 2 are there already".into())
    );
    assert_eq!(reason(ground::run_within(few(3), boot, pending()).await), Ok(()));
    assert_eq!(
        reason(ground::run_within(few(0), boot, pending()).await),
        Err("the boot process failed: too many processes: 0 are there already".into())
    );
}
