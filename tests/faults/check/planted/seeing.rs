//! Faults in what arrives, and at whom.

use uuid::Uuid;

use super::{ELSEWHERE, HERE, call, drop_pushes, found, joined, nth_call, pushed, settle, told, user};
use crate::faults::{
    check::Invariant,
    log::{Outcome, Record},
    stored::{Conversation, Event},
};

#[test]
fn a_hole_among_the_pushes_is_noticed_though_joining_again_fills_it() {
    let seen = found(|log, _| {
        log.retain(|record| !matches!(record, Record::Pushed { who: 1, seq: 2, .. }));
        let message = Some(told(2));
        log.push(Record::Read { who: 1, conversation: HERE, seq: 2, message });
    });
    assert_eq!(seen, [Invariant::PushedInOrder]);
}

#[test]
fn pushes_in_the_wrong_order_or_twice_or_before_the_answer_are_noticed() {
    let place = |log: &[Record], wanted: i64| {
        log.iter()
            .position(|record| matches!(record, Record::Pushed { who: 1, seq, .. } if *seq == wanted))
            .unwrap()
    };
    let swapped = found(|log, _| {
        let (second, third) = (place(log, 2), place(log, 3));
        log.swap(second, third);
    });
    assert_eq!(swapped, [Invariant::PushedInOrder]);
    let twice = found(|log, _| {
        let at = place(log, 2);
        log.insert(at, pushed(1, 2));
    });
    assert_eq!(twice, [Invariant::PushedInOrder]);
    let early = found(|log, _| {
        let joining = log.iter().position(|record| matches!(record, Record::Joined { who: 1, .. })).unwrap();
        let answer = log.remove(joining);
        let after = place(log, 1) + 1;
        log.insert(after, answer);
    });
    assert!(early.contains(&Invariant::PushedInOrder), "{early:?}");
}

#[test]
fn a_follower_whom_no_hint_reaches_is_noticed_though_it_catches_up() {
    let seen = found(|log, _| {
        drop_pushes(log, 1, 2);
        for seq in 2..=3 {
            let message = Some(told(seq));
            log.push(Record::Read { who: 1, conversation: HERE, seq, message });
        }
    });
    assert_eq!(seen, [Invariant::EverythingIsPushed]);
}

#[test]
fn what_never_arrives_is_noticed() {
    let seen = found(|log, _| {
        drop_pushes(log, 1, 2);
        log.insert(4, Record::Connected { who: 1, connection: 1 });
        log.extend([Record::Connected { who: 1, connection: 2 }]);
    });
    assert_eq!(seen, [Invariant::EverythingArrives]);
}

#[test]
fn a_push_before_the_transaction_ends_is_noticed_when_it_is_rolled_back() {
    let seen = found(|log, stored| {
        stored.last_seq = 2;
        stored.events.pop();
        stored.messages.pop();
        *nth_call(log, 2) = call(3, Outcome::Unknown);
        settle(log, 2);
    });
    assert_eq!(seen, [Invariant::SeenAsStored]);
}

#[test]
fn a_push_that_is_not_what_is_stored_is_noticed() {
    let seen = found(|_, stored| stored.messages[1].sender = user(1));
    assert!(seen.contains(&Invariant::SeenAsStored), "{seen:?}");
}

#[test]
fn another_epoch_is_noticed_and_so_is_having_to_begin_anew() {
    let told = |how: fn(&mut Uuid, &mut bool)| {
        found(|log, _| {
            let joins = log.iter_mut().find(|record| matches!(record, Record::Joined { who: 1, .. }));
            let Some(Record::Joined { epoch, resync, .. }) = joins else { panic!("they join") };
            how(epoch, resync);
        })
    };
    assert_eq!(told(|epoch, _| *epoch = ELSEWHERE), [Invariant::OneEpoch]);
    assert_eq!(told(|_, resync| *resync = true), [Invariant::OneEpoch]);
}

#[test]
fn a_stranger_who_hears_or_gets_in_is_noticed() {
    let seen = found(|log, _| log.extend([joined(2, 1, 2), pushed(2, 3)]));
    assert_eq!(seen, [Invariant::MembersOnly]);
    let seen = found(|log, _| log.push(Record::Entered { who: 2, conversation: HERE }));
    assert_eq!(seen, [Invariant::MembersOnly]);
    let elsewhere = found(|log, _| log.push(joined(1, 1, 0)));
    assert_eq!(elsewhere, [], "joining again is nothing strange");
    let unheard_of = found(|log, _| {
        let message = Some(told(1));
        log.push(Record::Pushed { at: 0, who: 1, connection: 1, conversation: ELSEWHERE, seq: 1, message });
    });
    assert!(unheard_of.contains(&Invariant::MembersOnly), "{unheard_of:?}");
}

#[test]
fn who_was_removed_and_hears_on_is_noticed() {
    let leaves = |log: &mut Vec<Record>, stored: &mut Conversation| {
        stored.events[1] = Event { seq: 2, kind: "memberLeft".into(), subject: user(1) };
        stored.messages.remove(1);
        log.retain(|record| !matches!(record, Record::Call(call) if call.n == 2));
        for record in log {
            if let Record::Pushed { seq: 2, message, .. } = record {
                *message = None;
            }
        }
    };
    assert_eq!(found(leaves), [Invariant::MembersOnly]);
    let in_order = found(|log, stored| {
        leaves(log, stored);
        drop_pushes(log, 1, 3);
    });
    assert_eq!(in_order, []);
}
