//! Processes, transitions, names.

use marketplace::IntoReason;
use marketplace::prelude::*;
use marketplace::sim::Sim;

use crate::{all_heard, heard, tell, values};

#[test]
fn yields_go_on_with_the_state() {
    fn count_down(n: u32) -> Transition<u32> {
        if n == 0 {
            transition!(n)
        } else {
            transition!(n - 1, heard(&n), yield_now!(|n: u32| count_down(n)))
        }
    }
    assert_eq!(tell(count_down(3), &[]), values([3u8, 2, 1]));
    assert_eq!(tell(transition!(3u32, yield_now!(count_down)), &[]), values([3u8, 2, 1]));
}

#[test]
fn spawning_tells_the_parent() {
    let process = transition!(
        Vec::<Pid>::new(),
        spawn_continue!(
            child: transition_no_state!(heard(&Text::from("child"))),
            parent: |mut children: Vec<Pid>, child: Result<Pid, Reason>| {
                children.extend(child.ok());
                transition!(children, heard(&Text::from("parent")))
            },
        ),
        spawn_continue!(
            child: { let n: u8 = "x".parse()?; transition!(n) },
            parent: |children: Vec<Pid>, child: Result<Pid, Reason>| {
                transition!(children, child.is_err().then(|| heard(&Text::from("failed"))))
            }
        ),
    );
    let mut heard = tell(process, &[]);
    heard.sort();
    assert_eq!(heard, values(["child", "failed", "parent"].map(Text::from)));
}

#[test]
fn pids_and_names() {
    let mut sim = Sim::new(|_| {
        transition_no_state!(
            name_process(
                Symbol::new("worker"),
                spawn!(pid => transition!(pid, quit().pid(pid).because(Reason::Changed)))
            ),
            spawn!(_ => transition_no_state!(quit())),
        )
    });
    sim.run();
    let ended = |name: Option<Value>| sim.exits().iter().any(|exit| exit.name == name);
    assert!(ended(Some(Symbol::new("worker").to_value())), "{:?}", sim.exits());
    assert!(ended(None));
}

#[test]
fn sequences() {
    let process = sequence_actions!(
        transition!(1u8, heard(&1u8)),
        heard(&2u8),
        |n| transition!(n + 2, heard(&(n + 2))),
        actions![heard(&4u8), None::<PreAction<u8>>],
        |n: u8| transition!(n, heard(&(n + 2))),
    );
    assert_eq!(tell(process, &[]), values([1u8, 2, 3, 4, 5]));
}

#[test]
fn fresh_names_differ() {
    let tree: ActionTree<()> = let_fresh!(a, b => {
        assert_ne!(a, b);
        actions![name_endpoint(a, subscriber!(Some(b))), delete_endpoint(a)]
    });
    assert_eq!(tree.len(), 2);
}

#[test]
fn trees_of_any_length() {
    let one = || heard::<()>(&1u8);
    let tree = actions![
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        one(),
        (),
        [one()],
    ];
    assert_eq!(tree.len(), 31);
    let none: ActionTree<()> = actions![];
    assert!(none.is_empty());
    let collected: ActionTree<()> = (0..3u8).map(|n| heard(&n)).collect();
    assert_eq!(
        tell(transition_no_state!(collected, vec![one()], Some(one())), &[]),
        values([0u8, 1, 2, 1, 1])
    );
}

#[test]
fn forms_work_by_path_and_in_other_braces() {
    use marketplace as mp;
    let endpoint: AddEndpoint<()> =
        mp::subscriber! { _, mp::on_message![n: u8 => mp::send_message! { (n, n) }] };
    let tree: ActionTree<()> = mp::actions!(endpoint, mp::at_meta_level!(mp::at_meta_level!(quit())));
    assert_eq!(format!("{tree:?}"), "[add endpoint subscriber _, at meta level: at meta level: quit]");
}

#[test]
fn a_reason_is_a_reason_or_a_message_or_a_word() {
    /// The reasons that a peer is told of a process that quits and of an endpoint that is deleted.
    fn told(why: impl IntoReason + Clone) -> Vec<Value> {
        let ends = [quit().because(why.clone()), delete_endpoint("it").because(why)];
        let mut sim = Sim::new(|_| {
            let ends =
                ends.map(|end| spawn!(transition_no_state!(name_endpoint("it", publisher!("x")), end)));
            transition_no_state!(
                subscriber!("x", match_reason!(why: Reason => on_absence!(heard(&why)))),
                ends
            )
        });
        sim.run();
        all_heard(&sim)
    }
    assert_eq!(told(Reason::Shutdown), values([Reason::Shutdown, Reason::Shutdown]));
    let message = Reason::value(&(7u8, true));
    assert_eq!(told((7u8, true)), values([message.clone(), message]));
    let word = Reason::value(&Text::from("enough"));
    assert_eq!(told("enough"), values([word.clone(), word]));
}

/// Iterators are trees as they are, also at the meta level.
#[test]
fn iterators_are_trees() {
    let numbers = || 1..=3u8;
    let endpoint = || {
        subscriber!(
            _,
            on_message!(
                0u8 => numbers().map(|n| heard(&n)),
                1u8 => numbers().filter_map(|n| if n == 2 { None } else { Some(heard(&n)) }).rev(),
                2u8 => numbers().flat_map(|n| [heard(&n), heard(&n)]).skip(1).step_by(2).take(2),
                3u8 => (numbers().map(|n| heard(&n)).chain([heard(&9u8)]), heard(&10u8)),
                4u8 => numbers().map(|n| (heard(&n), (n == 2).then(|| heard(&20u8)))),
                5u8 => vec![heard(&1u8), heard(&2u8)].into_iter().zip([heard(&3u8), heard(&4u8)]),
                6u8 => actions![[vec![heard(&1u8)], vec![heard(&2u8), heard(&3u8)]].into_iter().flatten(), None::<Action<_>>],
                7u8 => std::iter::empty::<PreAction<_>>(),
                8u8 => std::iter::once(heard(&1u8)).inspect(|_| ()).take_while(|_| true),
                9u8 => numbers().map(|n| yield_now!(move |(): ()| transition_no_state!(heard(&n)))),
            )
        )
    };
    let told = |what: u8| tell(transition_no_state!(endpoint()), &[what.to_value()]);
    let expected: [&[u8]; 10] = [
        &[1, 2, 3],
        &[3, 1],
        &[1, 2],
        &[1, 2, 3, 9, 10],
        &[1, 2, 20, 3],
        &[1, 3, 2, 4],
        &[1, 2, 3],
        &[],
        &[1],
        &[1, 2, 3],
    ];
    for (what, expected) in (0u8..).zip(expected) {
        assert_eq!(told(what), values(expected.iter().copied()), "{what}");
    }
    let outside = transition_no_state!(spawn_vm!(at_meta_level!(
        numbers().map(|n| heard(&n)),
        numbers().filter(|n| *n > 1).map(|n| heard(&n))
    )),);
    assert_eq!(tell(outside, &[]), values([1u8, 2, 3, 2, 3]));
}

/// Iterators of collections, and boxed ones, are trees.
#[test]
fn iterators_of_collections_are_trees() {
    use std::collections::{BTreeMap, HashMap, VecDeque};
    let one = || heard(&1u8);
    let boxed: Box<dyn Iterator<Item = PreAction<()>>> = Box::new((2..4u8).map(|n| heard(&n)));
    let sent: Box<dyn Iterator<Item = PreAction<()>> + Send> = Box::new(std::iter::once(heard(&4u8)));
    let numbers = transition_no_state!(
        BTreeMap::from([(0, one())]).into_values(),
        HashMap::from([(0, one())]).into_values(),
        VecDeque::from([one()]).into_iter(),
        std::iter::successors(Some(one()), |_| None),
        std::iter::repeat_with(one).take(2),
        boxed,
        sent,
    );
    assert_eq!(tell(numbers, &[]), values([1u8, 1, 1, 1, 1, 1, 2, 3, 4]));
}

#[test]
fn a_single_action_of_each_type_converts_into_a_tree() {
    let trees: [ActionTree<()>; 4] = [
        subscriber!("x").into(),
        spawn!(transition_no_state!()).into(),
        send_message!("x").into(),
        peekable::<()>().into(),
    ];
    assert_eq!(trees.map(|tree| tree.len()), [1; 4]);
}
