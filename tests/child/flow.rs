//! Much that is said, in both directions.

use marketplace::Reason;
use marketplace_drivers::child::{self, ChildPacket, Command};
use proptest::prelude::*;

use crate::support::{ERR, News, OUT, Order, beside, sh, talker};

const MIB: usize = 1024 * 1024;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn what_cat_is_told_it_says(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..30)) {
        let (mut talk, process) = talker(&Command::new("cat"), [Order::Hear(OUT), Order::Speak]);
        let heard = beside(child::driver(), vec![process], async {
            talk.until(&News::Hears).await;
            for packet in &packets {
                talk.say(packet.clone());
            }
            talk.say_eof();
            talk.rest(OUT).await
        });
        prop_assert_eq!(heard, (packets.concat(), true, Reason::Normal));
    }
}

/// How much memory the process has, in bytes, where that can be told.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0) * 1024
}

#[test]
fn a_flood_is_heard_as_fast_as_it_can_be_and_memory_is_flat() {
    let (mut talk, process) = talker(&Command::new("yes"), [Order::Hear(OUT)]);
    beside(child::driver(), vec![process], async {
        talk.hear(OUT, MIB).await;
        let before = memory();
        let mut heard = 0;
        while heard < 200 * MIB {
            if let News::Heard(OUT, ChildPacket::Data(bytes)) = talk.next().await {
                heard += bytes.len();
            }
        }
        let grown = memory().saturating_sub(before);
        assert!(grown < 64 * MIB, "memory grew by {grown}");
    });
}

#[test]
fn a_child_that_nobody_hears_for_a_while_waits_and_loses_nothing() {
    let flood = sh("echo; read go; yes | head -c 1000000; echo done >&2; read line");
    let (mut talk, process) = talker(&flood, [Order::Speak, Order::Hear(OUT), Order::Hear(ERR)]);
    let (mut other, second) = talker(&Command::new("cat"), [Order::Speak, Order::Hear(OUT)]);
    beside(child::driver(), vec![process, second], async {
        let mut heard = talk.hear(OUT, 1).await;
        talk.order(Order::Rest(OUT));
        // It begins when nobody hears it any more.
        talk.say("go\n");
        // Other work gets its turns between these.
        for _ in 0..200 {
            other.say("?");
            other.hear(OUT, 1).await;
        }
        while let Some(news) = talk.try_next() {
            match news {
                News::Heard(OUT, ChildPacket::Data(bytes)) => heard.extend(bytes),
                // Its own leaving, as it sees it.
                News::Ended(OUT, Reason::Normal) => {}
                news => panic!("{news:?} while nobody hears"),
            }
        }
        assert!(heard.len() < 500_000, "{} bytes were heard", heard.len());
        talk.order(Order::Hear(OUT));
        let mut done = false;
        while heard.len() < 1_000_001 || !done {
            match talk.next().await {
                News::Heard(OUT, ChildPacket::Data(bytes)) => heard.extend(bytes),
                news => done |= news == News::Heard(ERR, "done\n".into()),
            }
        }
        assert_eq!(heard.len(), 1_000_001);
    });
}

#[test]
fn a_flood_on_one_stream_does_not_drown_the_other() {
    let (mut talk, process) = talker(&sh("yes & echo heard >&2; wait"), [Order::Hear(OUT), Order::Hear(ERR)]);
    beside(child::driver(), vec![process], async { talk.until(&News::Heard(ERR, "heard\n".into())).await });
}

#[test]
fn acknowledgements_pace_a_process_that_has_much_to_say() {
    const LIMIT: usize = 64 * 1024;
    let (mut talk, process) = talker(&sh("cat > /dev/null"), [Order::Hear(OUT), Order::Speak]);
    beside(child::driver().write_limit(LIMIT), vec![process], async {
        talk.until(&News::Hears).await;
        let (mut said, mut written) = (0, 0);
        while written < 4 * MIB {
            while said - written < LIMIT / 2 {
                talk.say(vec![b'x'; 8192]);
                said += 8192;
            }
            match talk.next().await {
                News::Written(bytes) => written += usize::try_from(bytes).unwrap(),
                News::Runs(_) => {}
                other => panic!("{other:?}"),
            }
        }
        talk.say_eof();
        assert!(talk.rest(OUT).await.2.is_normal());
    });
}
