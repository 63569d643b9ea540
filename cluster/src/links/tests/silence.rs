//! C7: connections on which nothing comes, and those that take their place.

use bytes::BytesMut;

use super::*;

/// Short: nothing else is to happen within it.
const SHORT: Duration = Duration::from_millis(400);

/// The machine `ann`, in whose list are `aaa` and `bob`, which it cannot dial.
fn ann() -> (Box<dyn Engine>, SocketAddr) {
    let links = Links::new("ann").list("aaa -\nbob -").unwrap().listen("127.0.0.1:0").unwrap();
    let at = links.address().unwrap();
    let mut engine = links.config().unwrap().engine;
    engine.heed(&Settings { lease: SHORT, ..Settings::default() });
    engine.open(&"ann".into(), 7);
    (engine, at)
}

/// A connection to ann, as this machine has it.
struct Wire(TcpStream);

impl Wire {
    async fn dial(name: &str, at: SocketAddr) -> Self {
        let mut wire = Self(TcpStream::connect(at).await.unwrap());
        let hello = Hello { name: name.into(), epoch: 5, to: "ann".into() };
        wire.say(&Word::Hello(hello)).await;
        wire
    }

    async fn say(&mut self, word: &Word) {
        let mut out = BytesMut::new();
        word.write(&mut out);
        self.0.write_all(&out).await.unwrap();
    }

    /// The next frame, or none if the connection has ended.
    async fn hear(&mut self) -> Option<Bytes> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).await.ok()?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut frame).await.ok()?;
        Some(frame.into())
    }

    async fn word(&mut self) -> Word {
        Word::read(&timeout(TOO_LONG, self.hear()).await.unwrap().unwrap()).unwrap()
    }
}

/// The result, while an engine has no event.
async fn beside<T>(engine: &mut Box<dyn Engine>, other: impl Future<Output = T>) -> T {
    tokio::select!(result = other => result, event = next(engine) => panic!("{event:?}"))
}

#[tokio::test]
async fn c7_a_machine_of_which_nothing_comes_is_down_after_the_lease() {
    let (mut ann, at) = ann();
    let mut wire = beside(&mut ann, Wire::dial("bob", at)).await;
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    let began = std::time::Instant::now();
    assert!(matches!(beside(&mut ann, wire.word()).await, Word::Hello(_)));
    assert_eq!(beside(&mut ann, wire.word()).await, Word::Welcome);
    // Ann says that it is there.
    assert_eq!(beside(&mut ann, wire.hear()).await, Some(Bytes::new()));
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 5));
    assert!(began.elapsed() >= SHORT * 9 / 10, "{:?}", began.elapsed());
    while wire.hear().await.is_some() {}
}

#[tokio::test]
async fn c7_a_machine_that_takes_nothing_is_down_after_the_lease() {
    let (mut ann, at) = ann();
    let mut wire = beside(&mut ann, Wire::dial("bob", at)).await;
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    let packet = Bytes::from(vec![7; 10_000]);
    let floods = async {
        loop {
            // Nothing is written meanwhile: it is full after some.
            let full = (0..1000).any(|_| ann.send(&"bob".into(), 5, &packet) == Sending::Full);
            assert!(full, "there is no bound");
            match next(&mut ann).await {
                EngineEvent::Ready(..) => {}
                event => return event,
            }
        }
    };
    // It is there, and says so all the time.
    let beats = async {
        loop {
            wire.0.write_all(&[0; 4]).await.unwrap();
            tokio::time::sleep(SHORT / 8).await;
        }
    };
    let event = tokio::select!(event = floods => event, () = beats => unreachable!());
    assert_eq!(event, EngineEvent::Down("bob".into(), 5));
}

#[tokio::test]
async fn c7_a_second_connection_takes_the_place_of_the_first_if_that_must_have_broken() {
    let (mut ann, at) = ann();
    let mut first = beside(&mut ann, Wire::dial("bob", at)).await;
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    assert!(matches!(beside(&mut ann, first.word()).await, Word::Hello(_)));
    assert_eq!(beside(&mut ann, first.word()).await, Word::Welcome);
    let mut second = beside(&mut ann, Wire::dial("bob", at)).await;
    assert!(matches!(beside(&mut ann, second.word()).await, Word::Hello(_)));
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 5));
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    assert_eq!(beside(&mut ann, second.word()).await, Word::Welcome);
    while first.hear().await.is_some() {}
}

#[tokio::test]
async fn c7_a_second_connection_that_is_closed_changes_nothing() {
    let (mut ann, at) = ann();
    let _first = beside(&mut ann, Wire::dial("bob", at)).await;
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    let mut second = beside(&mut ann, Wire::dial("bob", at)).await;
    assert!(matches!(beside(&mut ann, second.word()).await, Word::Hello(_)));
    drop(second);
    // The next that happens is that the first is silent.
    assert_eq!(next(&mut ann).await, EngineEvent::Down("bob".into(), 5));
    assert!(timeout(SHORT / 2, next(&mut ann)).await.is_err());
}

#[tokio::test]
async fn c1_the_machine_whose_name_is_the_lesser_says_on_which_connection_packets_go() {
    let (mut ann, at) = ann();
    let mut wires = Vec::new();
    for _ in 0..2 {
        let mut wire = beside(&mut ann, Wire::dial("aaa", at)).await;
        assert!(matches!(beside(&mut ann, wire.word()).await, Word::Hello(_)));
        wires.push(wire);
    }
    // It is on none of them yet.
    assert!(timeout(SHORT / 8, next(&mut ann)).await.is_err());
    wires[1].say(&Word::Welcome).await;
    wires[1].0.write_all(b"\0\0\0\x05hello").await.unwrap();
    assert_eq!(next(&mut ann).await, EngineEvent::Up("aaa".into(), 5));
    assert_eq!(next(&mut ann).await, EngineEvent::From("aaa".into(), 5, "hello".into()));
    // The other one is closed.
    assert_eq!(beside(&mut ann, wires[0].hear()).await, None);
}

#[tokio::test]
async fn c1_a_connection_that_was_dialled_ends_if_another_one_stands_by_then() {
    let far = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let links = Links::new("ann").peer("bob", far.local_addr().unwrap()).listen("127.0.0.1:0").unwrap();
    let at = links.address().unwrap();
    let mut ann = opened(links, 7);
    // Both dial each other.
    let (accepted, _) = beside(&mut ann, far.accept()).await.unwrap();
    let mut dialled = Wire(accepted);
    assert!(matches!(beside(&mut ann, dialled.word()).await, Word::Hello(_)));
    let mut came = Wire(TcpStream::connect(at).await.unwrap());
    let _ = timeout(Duration::from_millis(50), next(&mut ann)).await;
    // Both connections are made while the engine does something else.
    let hello = Hello { name: "bob".into(), epoch: 5, to: "ann".into() };
    came.say(&Word::Hello(hello.clone())).await;
    assert!(matches!(came.word().await, Word::Hello(_)));
    dialled.say(&Word::Hello(hello)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(next(&mut ann).await, EngineEvent::Up("bob".into(), 5));
    assert_eq!(beside(&mut ann, came.word()).await, Word::Welcome);
    // The first one stands, and the other one has ended before it could take its place.
    assert_eq!(beside(&mut ann, dialled.hear()).await, None);
}
