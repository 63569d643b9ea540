//! The examples of objects, as programs.

use crate::program::Program;

fn says(example: &str) -> String {
    let (status, said) = Program::start(example, &[]).end();
    assert!(status.success(), "{said}");
    said
}

#[test]
fn who_cannot_pay_is_told_how_much_is_left() {
    let said = "ann pays 7: the till has 7\n\
                bob cannot pay 30: only 10 left\n\
                cyd pays 2: the till has 9\n";
    assert_eq!(says("bank"), said);
    assert_eq!(says("bank_link"), said, "the bank is in another vat");
}

#[test]
fn a_row_is_changed_twice_in_one_turn_and_goes_when_nobody_has_it() {
    let said = "nobody has the row apples any more, which says 0\n\
                nobody has the row apples any more, which says 0\n\
                nobody has the row pears any more, which says 0\n\
                there is no row `plums`\n\
                nobody has the row pears any more, which says 8\n\
                it was 7\n";
    assert_eq!(says("database"), said);
}

#[test]
fn a_key_is_taken_back_and_what_was_got_by_it_stays() {
    let said = "guest counts: 1\n\
                friend counts: 1\n\
                owner counts: 1\n\
                guest counts: the ticket is used up\n\
                guest writes: the key is taken back\n\
                guest reads: \"dear diary\"\n\
                friend counts: the key is taken back\n";
    assert_eq!(says("revocable"), said);
}
