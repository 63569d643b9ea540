//! How a program ends, and what it leaves behind.

use super::*;

#[tokio::test(start_paused = true)]
async fn r61_the_program_ends_when_its_sinks_have_flushed() {
    let log = Log::default();
    let begun = Instant::now();
    let source = Source::duplex(Silent, takes(&log, sleep(Duration::from_secs(1))));
    let ear = log.listens("ear", &source, |_| ());
    let ends = yield_now(|()| Transition::new((), at_meta_level(delete_endpoint(1u8))));
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
            (at_meta_level(log.listens("closing", &closing, |_| ())), at_meta_level(delete_endpoint(1u8)));
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

#[tokio::test]
async fn a_program_in_a_runtime_is_told_how_to_run_there() {
    let why = ground_vm!().unwrap_err().to_string();
    assert_eq!(
        why,
        "the ground VM's host cannot start: a runtime is running already: \
         in it, call `ground::run(boot, shutdown).await`; or let `main` be no `async fn`"
    );
}
