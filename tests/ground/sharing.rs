//! Sources, a busy VM and other tasks have their shares.

use super::*;

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
            let ends = event.is_absence().then(|| at_meta_level(delete_endpoint(1u8)));
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
