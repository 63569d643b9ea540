//! The state, moved in and lent.

use marketplace::prelude::*;

use crate::{Heard, Says, heard, says, tell, values};

/// Not `Clone`: a clause that does not apply has moved nothing.
enum Session {
    Idle(u64),
    Busy { n: u64, log: Vec<String> },
}

fn endpoint() -> AddEndpoint<Session> {
    subscriber!(
        _,
        match_state!(Session::Busy { n, mut log } =>
        on_message!(
            k: u64 if k > n => {
                log.push(format!("{k}"));
                transition!(Session::Busy { n: k, log }, heard(&k))
            }
            Says { who: "tony", what } => {
                let k: u64 = what.trim().parse()?;
                transition!(Session::Idle(k), heard(&log))
            },
        )),
        match_state!(Session::Idle(n) if n < 100 =>
            on_message!(k: u64 => transition!(Session::Busy { n: n + k, log: vec![] }, heard(&(n, k))))),
        match_state!(Session::Busy { n, .. }: &Session => on_message!(Says { .. } => heard(n))),
        match_state!(session: &Session => on_message!(
            Heard::<Value>(_) => (),
            _ if matches!(session, Session::Idle(_)) => heard(&Text::from("idle")),
        )),
    )
}

/// R41: not even a state pattern that does not match ends the process.
#[test]
fn a_clause_that_does_not_apply_moves_nothing() {
    let messages = [
        1u64.to_value(),
        5u64.to_value(),
        4u64.to_value(),
        says("eve", "x"),
        says("tony", " 200 "),
        1u64.to_value(),
    ];
    let text = |text: &str| Text::from(text).to_value();
    let expected = [
        (0u8, 1u8).to_value(),
        5u8.to_value(),
        5u8.to_value(),
        vec!["5".to_string()].to_value(),
        text("idle"),
    ];
    assert_eq!(tell(transition!(Session::Idle(0), endpoint()), &messages), expected);
}

/// R41
#[test]
fn guards_see_every_binding_around_them() {
    let endpoint = subscriber!(
        (_, _),
        match_state!(limit: u8 =>
        match_conversation!((a, _): (u8, u8) if a < limit =>
            on_message!(
                (b, c): (u8, u8) if b + c > limit => transition!(limit + 1, heard(&(a, c))),
                (_, c) => { let c: u8 = c; transition!(limit, heard(&c)) }
            ))),
        on_message!((a, _) => { let a: u8 = a; heard(&(a, a)) }),
    );
    let messages =
        [(1u8, 9u8).to_value(), (1u8, 2u8).to_value(), (8u8, 8u8).to_value(), (6u8, 1u8).to_value()];
    let expected = [(1u8, 9u8).to_value(), 2u8.to_value(), (8u8, 8u8).to_value(), (6u8, 6u8).to_value()];
    assert_eq!(tell(transition!(5u8, endpoint), &messages), expected);
}

#[test]
fn lent_by_pattern_and_by_type() {
    struct Log {
        lines: Vec<u64>,
    }
    let endpoint = || {
        subscriber!(
            _,
            match_state!(&Log { ref lines } if lines.len() > 2 => on_message!(n: u64 => heard(&n))),
            match_state!(Log { lines }: &Log if lines.is_empty() => on_message!(n: u64 => heard(&(n, n)))),
            match_state!(Log { mut lines } => on_message!(n: u64 => { lines.push(n); transition!(Log { lines }) })),
        )
    };
    assert_eq!(tell(transition!(Log { lines: vec![1, 2, 3] }, endpoint()), &values([7u64])), values([7u64]));
    assert_eq!(tell(transition!(Log { lines: vec![] }, endpoint()), &values([7u64])), values([(7u64, 7u64)]));
    assert_eq!(tell(transition!(Log { lines: vec![1] }, endpoint()), &values([7u64, 8, 9])), values([9u64]));
}

#[test]
fn presence_with_the_state_moved_in() {
    let process = transition!(
        0u32,
        subscriber!(Says { .. }, match_state!(n: u32 => on_presence!(transition!(n + 1, heard(&(n + 1)))))),
        publisher!(Says { who: "a", .. }),
        publisher!(Says { who: "b", .. }),
    );
    assert_eq!(tell(process, &[]), values([1u8, 2]));
}

#[test]
fn a_body_that_never_returns_compiles() {
    let endpoint: AddEndpoint<u32> = subscriber!(
        Says { .. },
        match_state!(n: u32 if n > 3 => on_presence!(todo!())),
        match_state!(_n: &u32 => on_presence!(todo!())),
        on_absence!(unreachable!("for {}", 1)),
    );
    drop(endpoint);
}

#[test]
fn alternatives_that_lend_and_alternatives_that_move() {
    #[derive(Clone)]
    enum Light {
        Red(u8),
        Green(u8),
        Off,
    }
    let endpoint = || {
        subscriber!(
            _,
            match_state!(&Light::Red(n) | &Light::Green(n) => on_message!(1u8 => heard(&n))),
            match_state!(&Light::Off => on_message!(1u8 => heard(&0u8))),
            match_state!(light @ (&Light::Off | &Light::Red(_)) => on_message!(
                2u8 => heard(&Text::from(if matches!(light, Light::Off) { "off" } else { "red" })))),
            match_state!(Light::Red(n) | Light::Green(n) => on_message!(3u8 => transition!(Light::Off, heard(&(n + 1))))),
        )
    };
    let told = |light: Light| tell(transition!(light, endpoint()), &values([1u8, 2, 3, 1]));
    let word = |word: &str| Text::from(word).to_value();
    assert_eq!(told(Light::Red(5)), [5u8.to_value(), word("red"), 6u8.to_value(), 0u8.to_value()]);
    assert_eq!(told(Light::Green(7)), [7u8.to_value(), 8u8.to_value(), 0u8.to_value()]);
    assert_eq!(told(Light::Off), [0u8.to_value(), word("off"), 0u8.to_value()]);
}
