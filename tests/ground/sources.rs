//! The items and the feedback of a source, and its end.

use super::*;

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
        event.is_absence().then(|| at_meta_level(delete_endpoint(1u8)))
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
        event.is_absence().then(|| at_meta_level(delete_endpoint(1u8)))
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
    let ends = at_meta_level(delete_endpoint(1u8));
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
            (feedback::<()>(&fails, "fail".to_string().to_value()), at_meta_level(delete_endpoint(1u8)))
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
    let first = log.listens("first", &source, |_| at_meta_level(delete_endpoint(1u8)));
    let again = log.listens("again", &source, |_| at_meta_level(delete_endpoint(1u8)));
    let then = yield_now(|()| Transition::new((), yield_now(|()| Transition::new((), at_meta_level(again)))));
    run((at_meta_level(first), then)).await.unwrap();
    assert_eq!(log.lines()[..2], ["first: presence", "first: absence (normal)"]);
    assert_eq!(log.lines().last().unwrap(), "again: absence (refused: 'spent)");
}

#[tokio::test(start_paused = true)]
async fn r80_a_source_is_on_as_long_as_somebody_names_it() {
    let log = Log::default();
    let source = Source::stream(gives(0..3u8)).credited();
    let forever = run(at_meta_level(log.listens("ear", &source, |_| ())));
    assert!(timeout(Duration::from_secs(3600), forever).await.is_err());
    assert_eq!(log.lines(), ["ear: presence"]);
}
