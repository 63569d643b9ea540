//! Two types that are one message, though nobody meant them to be, are told once in each VM.
#![cfg(debug_assertions)]

use marketplace::prelude::*;

use crate::{logs, told};

mod chat {
    use marketplace::prelude::*;

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) struct Says {
        pub(super) who: Symbol,
        pub(super) what: Text,
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) enum Door {
        Opens(u8),
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) struct Pair<T>(pub(super) T, pub(super) Option<T>);
}

mod club {
    use marketplace::prelude::*;

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) struct Says {
        pub(super) who: Symbol,
        pub(super) line: Text,
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) enum Door {
        Opens(Symbol),
    }
}

/// Types that are one message on purpose, or are none.
mod room {
    use marketplace::prelude::*;

    #[derive(Message, Clone, Debug, PartialEq)]
    pub(super) struct Says {
        pub(super) who: Symbol,
        pub(super) what: Text,
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(label = super::chat::Says)]
    pub(super) struct Spoken {
        pub(super) by: Value,
        pub(super) words: Value,
    }

    #[derive(Message, Clone, Debug, PartialEq)]
    #[message(label = "Room")]
    pub(super) enum Door {
        Opens(Symbol),
    }

    pub(super) mod longer {
        use marketplace::prelude::*;

        #[derive(Message, Clone, Debug, PartialEq)]
        pub(crate) struct Says(pub(crate) Symbol, pub(crate) Text, pub(crate) u8);
    }
}

fn listens() -> Transition<()> {
    transition_no_state!(subscriber!(club::Says { who: "ann", .. }), subscriber!(club::Says { .. }))
}

#[test]
fn types_with_one_label_whose_fields_differ_are_told_once() {
    let told = logs(&told("twins::mixes"));
    let [says, door] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        says,
        "WARN marketplace: told::twins::chat::Says and told::twins::club::Says are one message in the VM of listens(): \
         both have the label Says and as many fields, but told::twins::club::Says has `line: Text` for `what: Text`; \
         if they are meant to differ, give one `#[message(label = \"..\")]`, \
         if not, give it `#[message(label = Type)]` of the other"
    );
    assert!(door.contains("told::twins::club::Door::Opens has `0: Symbol` for `0: u8`"), "{door}");
}

#[test]
#[ignore = "run by other tests"]
fn mixes() {
    let speaks = || transition_no_state!(publisher!(chat::Says { .. }));
    let opens = || transition_no_state!(publisher!(club::Door::Opens("front")));
    assert_eq!(
        ground_vm!(
            spawn!(speaks()),
            spawn!(listens()),
            spawn!(listens()),
            subscriber!(chat::Door::Opens(_)),
            spawn!(opens()),
        ),
        Ok(())
    );
}

#[test]
fn each_vm_tells_its_own() {
    let told = logs(&told("twins::mixes_in_two"));
    let [one, two] = &told[..] else { panic!("{told:?}") };
    assert!(
        one.contains("in the VM of one/listens()") && two.contains("in the VM of two/listens()"),
        "{told:?}"
    );
}

#[test]
#[ignore = "run by other tests"]
fn mixes_in_two() {
    let speaks = || transition_no_state!(publisher!(chat::Says { .. }));
    assert_eq!(
        ground_vm!(
            spawn_vm!(name: "one"; spawn!(speaks()), spawn!(listens())),
            spawn_vm!(name: "two"; spawn!(speaks()), spawn!(listens())),
            spawn_vm!(name: "three"; spawn!(speaks())),
        ),
        Ok(())
    );
}

#[test]
fn types_that_mean_to_be_one_message_or_are_none_are_not_told() {
    assert_eq!(told("twins::agree"), Vec::<String>::new());
}

#[test]
#[ignore = "run by other tests"]
fn agree() {
    assert_eq!(
        ground_vm!(
            publisher!(chat::Says { .. }),
            publisher!(room::Says { .. }),
            publisher!(room::Spoken { .. }),
            publisher!(room::longer::Says(..)),
            publisher!(chat::Door::Opens(_)),
            publisher!(room::Door::Opens(_)),
            publisher!(chat::Pair::<u8>(_, _)),
            publisher!(chat::Pair::<Text>(_, _)),
        ),
        Ok(())
    );
}
