//! An outer half: one object with both directions.

use super::*;

/// Gives back what it is given, doubled; ends at "end", fails at "fail", panics at "panic".
struct Doubles {
    log: Log,
    given: VecDeque<u8>,
    ended: bool,
    /// It is flushed once for each of these.
    unflushed: usize,
}

impl Doubles {
    fn source(log: &Log) -> Source {
        Source::outer(Self { log: log.clone(), given: VecDeque::new(), ended: false, unflushed: 0 })
    }
}

impl ground::OuterHalf for Doubles {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        match self.given.pop_front() {
            Some(given) => Poll::Ready(Some(Ok((given * 2).to_value()))),
            None if self.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn give(&mut self, feedback: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.unflushed += 1;
        match (u8::from_value(&feedback), Text::from_value(&feedback).as_deref()) {
            (Some(given), _) => self.given.push_back(given),
            (_, Some("end")) => self.ended = true,
            (_, Some("fail")) => return Err(Failure::value(&symbol("failed"))),
            _ => panic!("unknown"),
        }
        cx.waker().wake_by_ref();
        Ok(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let flushed = std::mem::take(&mut self.unflushed);
        if flushed > 0 {
            self.log.note(format!("half: {flushed} flushed"));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.log.note("half: closed");
        self.poll_flush(cx)
    }
}

async fn given(feedback_values: impl IntoIterator<Item = Value>) -> Vec<String> {
    let log = Log::default();
    let source = Doubles::source(&log);
    let given: Vec<_> = feedback_values.into_iter().map(|value| feedback::<()>(&source, value)).collect();
    run((log.until_end("ear", &source), given)).await.unwrap();
    log.lines()
}

fn text(text: &str) -> Value {
    text.to_string().to_value()
}

#[tokio::test]
async fn r80_what_it_is_given_it_may_give_and_it_is_flushed_once_and_closed() {
    let lines = given([1u8.to_value(), 2u8.to_value(), text("end")]).await;
    assert_eq!(
        lines,
        ["ear: presence", "half: 3 flushed", "ear: 2", "ear: 4", "ear: absence (normal)", "half: closed"]
    );
}

#[tokio::test]
async fn r80_one_that_takes_no_more_ends_at_once_is_given_nothing_more_and_is_closed() {
    let lines = given([1u8.to_value(), text("fail"), 2u8.to_value()]).await;
    assert_eq!(lines, ["ear: presence", "ear: absence (failed)", "half: closed", "half: 2 flushed"]);
}

#[tokio::test]
async fn r80_one_that_panics_when_it_is_given_something_ends_its_source_only() {
    let lines = given([text("unknown")]).await;
    assert!(lines.contains(&"ear: absence (panic: unknown)".to_string()), "{lines:?}");
    assert!(lines.contains(&"half: closed".to_string()), "{lines:?}");
}

/// Only gives: what it is given is ignored, and it needs no time to close.
struct Ones;

impl ground::OuterHalf for Ones {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        Poll::Ready(Some(Ok(1u8.to_value())))
    }
}

#[tokio::test(start_paused = true)]
async fn r80_one_that_only_gives_ignores_feedback_and_closes_at_once() {
    let (log, begun) = (Log::default(), Instant::now());
    let source = Source::outer(Ones);
    let ear = log
        .listens("ear", &source, |event| event.body().is_some().then(|| at_meta_level(delete_endpoint(1u8))));
    run((at_meta_level(ear), feedback::<()>(&source, text("anything")))).await.unwrap();
    assert_eq!(log.lines(), ["ear: presence", "ear: 1", "ear: absence (normal)"]);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// Its flush never comes to an end.
struct NeverFlushed;

impl ground::OuterHalf for NeverFlushed {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        Poll::Pending
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn r61_unless_it_says_otherwise_closing_is_flushing_and_has_its_grace() {
    let (log, begun) = (Log::default(), Instant::now());
    let source = Source::outer(NeverFlushed);
    run((at_meta_level(log.listens("ear", &source, |_| ())), at_meta_level(quit()))).await.unwrap();
    assert!((GRACE..GRACE + Duration::from_millis(10)).contains(&begun.elapsed()));
}

/// Gives back what it is given. It says that it waits while it has nothing, and notes when it is
/// asked. At "end" it ends.
struct Waits {
    log: Log,
    given: VecDeque<Value>,
}

impl ground::OuterHalf for Waits {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.log.note("half: asked");
        match self.given.pop_front() {
            Some(given) if given == text("end") => Poll::Ready(None),
            given => given.map_or(Poll::Pending, |given| Poll::Ready(Some(Ok(given)))),
        }
    }

    fn is_waiting(&self) -> bool {
        self.given.is_empty()
    }

    fn give(&mut self, feedback: Value, cx: &mut Context<'_>) -> Result<(), Failure> {
        self.given.push_back(feedback);
        cx.waker().wake_by_ref();
        Ok(())
    }
}

/// After "two" it has nothing, and is not asked for that: "end" comes when all has been quiet for a
/// second.
#[tokio::test(start_paused = true)]
async fn r81_one_that_waits_is_asked_again_when_it_has_called_its_waker() {
    let log = Log::default();
    let source = Source::outer(Waits { log: log.clone(), given: VecDeque::new() });
    let later = Source::future(async {
        sleep(Duration::from_secs(1)).await;
        Ok::<_, Failure>(())
    });
    let (again, clock) = (source.clone(), Log::default());
    let clock = spawn(move |_| {
        let ends = clock.listens("clock", &later, move |event| {
            event.decode::<Ground<()>>().map(|_| (feedback(&again, text("end")), quit()))
        });
        Transition::new((), at_meta_level(ends))
    });
    let given = ["one", "two"].map(|value| feedback::<()>(&source, text(value)));
    run((log.until_end("ear", &source), Vec::from(given), clock)).await.unwrap();
    assert_eq!(
        log.lines(),
        [
            "ear: presence",
            "half: asked",
            "ear: \"one\"",
            "half: asked",
            "ear: \"two\"",
            "half: asked",
            "ear: absence (normal)"
        ]
    );
}

/// Gives ones, and notes when it is asked for the next.
struct Asked {
    log: Log,
    label: &'static str,
    left: usize,
}

impl ground::OuterHalf for Asked {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        self.log.note(format!("{} is asked", self.label));
        let is_over = self.left == 0;
        self.left = self.left.saturating_sub(1);
        Poll::Ready((!is_over).then(|| Ok(1u8.to_value())))
    }
}

#[tokio::test]
async fn r81_ready_sources_are_asked_in_turn_and_again_when_all_their_items_are_dealt_with() {
    let (log, dealt_with) = (Log::default(), Log::default());
    let source = |label| Source::outer(Asked { log: dealt_with.clone(), label, left: 2 });
    let hears = |label: &'static str| {
        let ear = log.listens(label, &source(label), move |event| {
            let over = event.is_absence().then(|| at_meta_level(delete_endpoint(1u8)));
            (event.body().is_some().then(|| send_message(&text(label))), over)
        });
        process::<()>(at_meta_level(ear))
    };
    let seen = dealt_with.clone();
    let sees = AddEndpoint::<()>::new(Role::subscriber(Topic::any()), move |event, turn| {
        let said = event.body().and_then(Text::from_value);
        said.into_iter().for_each(|label| seen.note(format!("{label} is dealt with")));
        turn.act(())
    });
    run((process::<()>(sees), hears("a"), hears("b"))).await.unwrap();
    let round = ["a is asked", "b is asked", "a is dealt with", "b is dealt with"];
    assert_eq!(dealt_with.lines(), [&round[..], &round, &round[..2]].concat());
}

/// It closes when another task of the runtime has run, and asks to be looked at again until then.
struct ClosesLater(Arc<AtomicUsize>);

impl ground::OuterHalf for ClosesLater {
    fn poll_next(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Value, Failure>>> {
        Poll::Ready(None)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if self.0.load(Ordering::Relaxed) > 0 {
            return Poll::Ready(Ok(()));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The program is over, and lets other tasks run while its sources close. This thread sees whether
/// it ends.
#[test]
fn r80_a_source_that_closes_at_the_end_lets_other_tasks_run() {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (log, flag) = (Log::default(), Arc::new(AtomicUsize::new(0)));
            let source = Source::outer(ClosesLater(flag.clone()));
            tokio::spawn(async move { flag.store(1, Ordering::Relaxed) });
            run(log.until_end("ear", &source)).await.unwrap();
        });
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
}
