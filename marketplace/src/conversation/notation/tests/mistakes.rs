//! Mistakes are reported, with their places.

use crate::conversation::notation::Mistake;
use crate::{Fresh, MAX_DEPTH, Opaque, TooDeep, Topic, Value};

#[test]
fn a_mistake_in_a_value_is_told() {
    for (written, told) in [
        ("", "character 1: expected a value, found the end"),
        ("  ", "character 3: expected a value, found the end"),
        (")", "character 1: expected a value, found `)`"),
        ("é, 1", "character 2: expected the end, found `,`"),
        ("1 2", "character 3: expected the end, found `2`"),
        ("'", "character 2: expected the name of a symbol, found the end"),
        ("' a", "character 2: expected the name of a symbol, found ` `"),
        ("'a'b", "character 3: expected the end, found `'`"),
        ("[1 2]", "character 4: expected `,` or `]`, found `2`"),
        ("[1", "character 3: expected `,` or `]`, found the end"),
        ("[1,", "character 4: expected a value or `]`, found the end"),
        ("[,]", "character 2: expected a value or `]`, found `,`"),
        ("[\u{feff}]", "character 2: expected a value or `]`, found `\\u{feff}`"),
        ("A(1", "character 4: expected `,` or `)`, found the end"),
        ("A(1]", "character 4: expected `,` or `)`, found `]`"),
        ("A(,)", "character 3: expected a value or `)`, found `,`"),
        ("true(1)", "character 5: expected the end, found `(`"),
        ("{1", "character 3: expected `,`, `:` or `}`, found the end"),
        ("{,}", "character 2: expected a value, `}` or `:}`, found `,`"),
        ("{1, 2: 3}", "character 6: expected `,` or `}`, found `:`"),
        ("{1: 2, 3}", "character 9: expected `:` and a value, found `}`"),
        ("{1: 2, ,}", "character 8: expected a key or `}`, found `,`"),
        ("{1:}", "character 4: expected a value, found `}`"),
        ("{:1}", "character 3: expected `}`: an empty map is {:}, found `1`"),
        ("{1: 2, 3: 4, 1: 2}", "character 14: the map has this key already"),
        ("(1, 2)", "character 1: a tuple is written as a sequence, [1, 2]; only () has no label"),
        ("Point { x: 1 }", "character 7: fields have positions, not names: Label(1, 2)"),
        ("Point(x: 1)", "character 8: fields have positions, not names: Label(1, 2)"),
        ("-", "character 1: expected a number, found `-`"),
        ("--1", "character 1: expected a number, found `--1`"),
        ("+1", "character 1: expected a value, found `+1`"),
        ("1.", "character 1: expected a number, found `1.`"),
        (".5", "character 1: expected a value, found `.5`"),
        ("1.e5", "character 1: expected a number, found `1.e5`"),
        ("1e", "character 1: expected a number, found `1e`"),
        ("12abc", "character 1: expected a number, found `12abc`"),
        ("-infinity", "character 1: expected a number, found `-infinity`"),
        (
            "170141183460469231731687303715884105728",
            "character 1: 170141183460469231731687303715884105728 is too large: integers have 128 bits, floats 64",
        ),
        ("[1e999]", "character 2: 1e999 is too large: integers have 128 bits, floats 64"),
        ("NaN(1)", "character 5: expected the bits of a NaN, as in NaN(0x7ff8000000000001), found `1`"),
        (
            "NaN(0x7ff0000000000000)",
            "character 5: expected the bits of a NaN, as in NaN(0x7ff8000000000001), found `0x7ff0000000000000`",
        ),
        ("NaN(0x7ff8000000000001", "character 23: expected `)`, found the end"),
        ("NaN()", "character 5: expected the bits of a NaN, as in NaN(0x7ff8000000000001), found `)`"),
        ("[1, \"abc]", "character 10: the text that begins at character 5 is not closed"),
        (r#""abc\""#, "character 7: the text that begins at character 1 is not closed"),
        (r#""abc\"#, "character 6: the text that begins at character 1 is not closed"),
        ("['|abc]", "character 8: the name that begins at character 3 is not closed"),
        ("|abc", "character 5: the name that begins at character 1 is not closed"),
        ("b\"abc", "character 6: the byte string that begins at character 1 is not closed"),
        ("b\"abc\\", "character 7: the byte string that begins at character 1 is not closed"),
        (r#""a\q""#, r#"character 3: expected one of \0 \t \r \n \\ \" \' \| \u{e9}, found `\q`"#),
        (r#""a\x41""#, r#"character 3: expected one of \0 \t \r \n \\ \" \' \| \u{e9}, found `\x`"#),
        (
            r#""\u{d800}""#,
            r"character 2: expected the number of a Unicode character, as in \u{e9}, found `\u`",
        ),
        (r#""\u{}""#, r"character 2: expected the number of a Unicode character, as in \u{e9}, found `\u`"),
        (
            r#""\u{0000041}""#,
            r"character 2: expected the number of a Unicode character, as in \u{e9}, found `\u`",
        ),
        (
            r#""\u{+41}""#,
            r"character 2: expected the number of a Unicode character, as in \u{e9}, found `\u`",
        ),
        (r#""\u41""#, r"character 2: expected the number of a Unicode character, as in \u{e9}, found `\u`"),
        (r#"b"é""#, r"character 3: expected an ASCII character, or an escape such as \xff, found `é`"),
        (r#"b"\u{41}""#, r#"character 3: expected one of \0 \t \r \n \\ \" \' \| \xff, found `\u`"#),
        (r#"b"\x+1""#, r"character 3: expected two hexadecimal digits, as in \xff, found `\x`"),
        (r#"b"\x1é""#, r"character 3: expected two hexadecimal digits, as in \xff, found `\x`"),
        ("_", "character 1: `_` stands for anything in a topic; a value has no wildcards"),
        ("A([1, _])", "character 7: `_` stands for anything in a topic; a value has no wildcards"),
        ("{_}", "character 2: `_` stands for anything in a topic; a value has no wildcards"),
    ] {
        let error = written.parse::<Value>().expect_err(written);
        assert_eq!(error.to_string(), told, "{written}");
        assert_eq!(written[..error.offset].chars().count() + 1, error.character);
    }
}

#[test]
fn a_mistake_in_a_topic_is_told() {
    for (written, told) in [
        ("", "character 1: expected a topic, found the end"),
        ("[_ _]", "character 4: expected `,` or `]`, found `_`"),
        ("_(1)", "character 2: expected the end, found `(`"),
        ("{_}", "character 2: no wildcard can be in a set or a map: a topic matches those whole"),
        ("{1: [_]}", "character 6: no wildcard can be in a set or a map: a topic matches those whole"),
        ("[{1}, {_: 1}]", "character 8: no wildcard can be in a set or a map: a topic matches those whole"),
    ] {
        let error = written.parse::<Topic>().expect_err(written);
        assert_eq!(error.to_string(), told, "{written}");
    }
}

#[test]
fn what_cannot_be_written_is_told_so() {
    let opaque = Value::sequence([1.into(), Opaque::new(()).into()]);
    let error = opaque.to_string().parse::<Value>().unwrap_err();
    assert_eq!((error.character, error.mistake), (5, Mistake::Opaque));
    let fresh = Value::record("A", [Fresh::new().into()]);
    let error = fresh.to_string().parse::<Topic>().unwrap_err();
    assert_eq!((error.character, error.mistake), (3, Mistake::Fresh));
    assert_eq!(
        "#7".parse::<Value>().unwrap_err().to_string(),
        "character 1: an opaque value cannot be written: its number tells it apart, but the host value itself is not in the text"
    );
    assert_eq!(
        "fresh#7".parse::<Value>().unwrap_err().to_string(),
        "character 1: a fresh value cannot be written: nothing but the process that made it can give it away"
    );
    assert_eq!("fresh".parse(), Ok(Value::record("fresh", [])));
}

#[test]
fn too_deep_is_told_at_the_bracket_that_is_too_many() {
    for open in ["[", "A(", "{", "{1:", "{{1:", "|a b|( "] {
        let levels = open.matches(['[', '(', '{']).count();
        let error = open.repeat(100_000).parse::<Topic>().unwrap_err();
        assert_eq!(error.mistake, Mistake::TooDeep(TooDeep), "{open}");
        let brackets = open.repeat(100_000)[..error.offset].matches(['[', '(', '{']).count();
        assert_eq!(brackets, MAX_DEPTH, "{open}: {levels}");
    }
    // An atom may be at the bottom; a value that nests may not.
    let at_the_bottom = |inner: &str| format!("{}{inner}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(at_the_bottom("A( )").parse::<Value>().is_ok());
    assert!(at_the_bottom("()").parse::<Value>().is_ok());
    for inner in ["[]", "{}", "{:}", "A(1)"] {
        let error = at_the_bottom(inner).parse::<Value>().unwrap_err();
        assert_eq!(error.mistake, Mistake::TooDeep(TooDeep), "{inner}");
    }
}

#[test]
fn an_error_holds_little_of_what_was_found() {
    for written in
        [format!("[1 {}]", "é".repeat(100_000)), "9".repeat(100_000), format!("1{}", "x".repeat(100_000))]
    {
        assert!(written.parse::<Value>().unwrap_err().to_string().len() < 200);
    }
}

/// A thread of a host may have little stack left. A reader that calls itself needs over a megabyte,
/// in a debug build.
#[test]
fn the_deepest_text_needs_little_stack() {
    let read = || {
        for (open, close) in [("[", "]"), ("A(", ")"), ("{", "}"), ("{1:", "}"), ("{", ":1}")] {
            let written = format!("{}1{}", open.repeat(MAX_DEPTH), close.repeat(MAX_DEPTH));
            assert!(written.parse::<Topic>().is_ok());
            assert!(open.repeat(100_000).parse::<Topic>().is_err());
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(read).unwrap().join().unwrap();
}
