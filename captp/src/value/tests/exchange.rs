//! The bytes that a conforming peer said, one by one.

use super::*;

const SAID: [&[u8]; 10] = [
    b"<10'op:deliver<11'desc:export0+>[5'fetch32:IO58l1laTyhcrgDKbEzFOO32MDd6zE5w]f<18'desc:import-object0+>>",
    b"<10'op:deliver<11'desc:export0+>[7'fulfill<18'desc:import-object1+>]ff>",
    b"<15'op:deliver-only<11'desc:export1+>[<18'desc:import-object1+>]>",
    b"<13'op:gc-exports[1+][1+]>",
    b"<10'op:deliver<11'desc:export1+>[5\"Hello]0+<18'desc:import-object2+>>",
    b"<10'op:deliver<11'desc:export1+>[7'fulfill[<19'desc:import-promise2+><18'desc:import-object3+>]]ff>",
    b"<9'op:listen<11'desc:export2+><18'desc:import-object2+>f>",
    b"<15'ocapn-sturdyref<10'ocapn-peer16'tcp-testing-only16\"0123456789abcdef{4\"host9\"127.0.0.14\"port5\"22045}>32:IO58l1laTyhcrgDKbEzFOO32MDd6zE5w>",
    b"[10'public-key[3'ecc[5'curve7'Ed25519][5'flags5'eddsa][1'q32:\x8a\x88\xe3\xddt\t\xf1\x95\xfdR\xdb-<\xba]r\xcag\t\xbf\x1d\x94\x12\x1b\xf3t\x88\x01\xb4\x0fo\\]]]",
    b"<8'op:abort14\"session closed>",
];

#[test]
fn k19_what_a_peer_said_goes_home_unchanged() {
    for bytes in SAID {
        let mut mirror = Mirror::default();
        let value = mirror.read(bytes).unwrap();
        let home = mirror.written(&value).unwrap();
        assert_eq!(String::from_utf8_lossy(&home), String::from_utf8_lossy(bytes));
    }
}

#[test]
fn k19_an_address_is_read_as_it_is() {
    let value = Mirror::default().read(SAID[7]).unwrap();
    let expected = r#"ocapn-sturdyref(ocapn-peer('tcp-testing-only, "0123456789abcdef", {"host": "127.0.0.1", "port": "22045"}), b"..")"#;
    assert_eq!(value.to_string(), expected);
}
