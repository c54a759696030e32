//! Faults in what is acknowledged, stored and numbered.

use super::{call, drop_pushes, found, id, nth_call, settle, user};
use crate::faults::{
    check::Invariant,
    log::{Outcome, Record, Told},
    stored::{Conversation, Event},
};

#[test]
fn an_acknowledgement_before_the_commit_is_noticed_when_the_node_dies() {
    let seen = found(|log, stored| {
        stored.last_seq = 2;
        stored.events.pop();
        stored.messages.pop();
        log.retain(|record| !matches!(record, Record::Pushed { seq: 3, .. }));
        settle(log, 2);
    });
    assert_eq!(seen, [Invariant::AcknowledgedIsStored]);
}

#[test]
fn an_answer_that_is_not_what_is_stored_is_noticed() {
    for change in [
        (|told: &mut Told| told.seq = 7) as fn(&mut Told),
        |told| told.text = "0-9".into(),
        |told| told.sender_id = user(1),
        |told| told.length = 4,
    ] {
        let seen = found(|log, _| change(nth_call(log, 2).message.as_mut().unwrap()));
        assert_eq!(seen, [Invariant::AcknowledgedAsStored]);
    }
}

#[test]
fn one_message_under_two_ids_or_at_two_numbers_is_noticed() {
    let seen = found(|_, stored| stored.messages[2].content = "0-2".into());
    assert!(seen.contains(&Invariant::StoredOnce), "{seen:?}");
    let seen = found(|_, stored| {
        stored.last_seq = 4;
        stored.events.push(Event { seq: 4, kind: "message".into(), subject: id(3) });
    });
    assert_eq!(seen, [Invariant::StoredOnce]);
}

#[test]
fn what_was_refused_may_not_be_stored() {
    let seen = found(|log, _| *nth_call(log, 2) = call(3, Outcome::Failed));
    assert_eq!(seen, [Invariant::RefusedIsNotStored]);
}

#[test]
fn what_is_unknown_may_be_stored_or_not() {
    assert_eq!(found(|log, _| *nth_call(log, 2) = call(3, Outcome::Unknown)), []);
    assert_eq!(found(|log, _| log.push(Record::Call(call(4, Outcome::Unknown)))), []);
}

#[test]
fn what_nobody_sent_is_noticed() {
    let seen = found(|log, _| log.retain(|record| !matches!(record, Record::Call(call) if call.n == 3)));
    assert_eq!(seen, [Invariant::OnlyWhatWasSent]);
}

#[test]
fn a_number_that_a_rollback_burnt_is_noticed() {
    let seen = found(|log, stored| {
        stored.last_seq = 4;
        stored.events[2].seq = 4;
        stored.messages[2].seq = 4;
        nth_call(log, 2).message.as_mut().unwrap().seq = 4;
        drop_pushes(log, 0, 3);
        drop_pushes(log, 1, 3);
        settle(log, 2);
    });
    assert_eq!(seen, [Invariant::NoGap]);
    assert_eq!(found(|_, stored| stored.last_seq = 4), [Invariant::NoGap]);
}

#[test]
fn messages_of_one_socket_that_overtake_each_other_are_noticed() {
    let swap = |log: &mut Vec<Record>, _: &mut Conversation| {
        (nth_call(log, 1).n, nth_call(log, 2).n) = (3, 2);
    };
    assert_eq!(found(swap), [Invariant::OrderOfSending]);
    // One that was sent again keeps the number that it had.
    let again = |log: &mut Vec<Record>, stored: &mut Conversation| {
        swap(log, stored);
        nth_call(log, 1).attempt = 2;
    };
    assert_eq!(found(again), []);
}
