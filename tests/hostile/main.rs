//! Input from outside: each driver, the readers of the notation and of Syrup, and the index against
//! a plain model. The same checks are fuzz targets, in `fuzz/`.

mod cluster;
mod console;
mod index;
mod lines;
mod made;
mod notation;
mod syrup;
mod tcp;
mod udp;

use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes among which line ends are not rare.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![2 => Just(b'\n'), 1 => Just(b'\r'), 4 => Just(b'x'), 3 => any::<u8>()], 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tcp_gives_the_lines_that_were_sent_however_they_come(data in bytes()) {
        tcp::check(&data);
    }

    #[test]
    fn udp_gives_back_every_datagram(data in bytes()) {
        udp::check(&data);
    }

    #[test]
    fn the_console_gives_the_lines_that_were_typed(data in bytes()) {
        console::check(&data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_read_or_made_prints_and_reads_back(data in vec(any::<u8>(), 0..200)) {
        notation::check(&data);
    }

    #[test]
    fn what_looks_like_the_notation_is_read(data in "[-|'\"b{}()\\[\\],:._#a1eN\\\\ \u{2028}é]{0,40}") {
        notation::check(data.as_bytes());
    }

    #[test]
    fn what_is_read_or_made_arrives_as_syrup(data in vec(any::<u8>(), 0..200)) {
        syrup::check(&data);
    }

    #[test]
    fn what_looks_like_syrup_is_read(data in "([0-3][+\"':-]|[a-c{}<>\\[\\]#$tf]|<11'desc:(tagged|export)){0,24}") {
        syrup::check(data.as_bytes());
    }

    #[test]
    fn a_network_finds_what_a_scan_finds(data in vec(any::<u8>(), 0..400)) {
        index::check(&data);
    }
}

/// Found by a fuzz run: what is made of these bytes is a set with two NaNs of different bits.
#[test]
fn a_set_with_several_nans_arrives_as_a_set_with_one() {
    syrup::check(b"\x18\xad\xad\xad\xad\xfe\xff\xff\xff\xff\xff\xad\xff\x00\x00\xff\x02\xad\xfe\xff\xdf");
}

#[test]
fn the_longest_datagram_and_the_longest_line_are_whole() {
    udp::check_datagram(&[7; 65_507]);
    tcp::check(&[&[b'x'; tcp::LIMIT][..], b"\r\n", &[b'y'; tcp::LIMIT]].concat());
    tcp::check(&[&[b'x'; tcp::LIMIT + 1][..], b"\n"].concat());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_gateway_survives_whatever_machines_say(
        cuts in vec((any::<u16>(), 0..3u8, any::<u8>()), 0..12),
        more in vec(any::<u8>(), 0..60),
    ) {
        let mut script = cluster::recorded();
        for (at, how, byte) in cuts {
            let at = usize::from(at) % script.len();
            match how {
                0 => script[at] = byte,
                1 => script.insert(at, b"0123456789+:'[]<>"[usize::from(byte) % 17]),
                _ => drop(script.remove(at)),
            }
        }
        script.extend(more);
        cluster::check(&script);
    }
}

#[test]
fn a_gateway_takes_what_another_says() {
    let script = cluster::recorded();
    cluster::check(&script);
    let here = cluster::run(&script).map(|mut here| here.state());
    let metrics = here.map(|here| here.metrics).unwrap_or_default();
    assert!(metrics.peers == 1 && metrics.presences > 2 && metrics.heard > 4, "{metrics:?}");
    assert_eq!((metrics.gaps, metrics.resets), (0, 0));
}
