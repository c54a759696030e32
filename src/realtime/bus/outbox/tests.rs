use super::*;
use uuid::Uuid;

fn stream(n: u128) -> StreamId {
    StreamId(Uuid::from_u128(n))
}

fn hints(batch: &Batch) -> Vec<i64> {
    let hint = |(_, said): &(Channel, Said)| match said {
        Said::Hint(seq) => Some(*seq),
        Said::Bytes(_) => None,
    };
    batch.words.iter().filter_map(hint).collect()
}

#[test]
fn of_a_busy_stream_only_the_newest_number_is_said() {
    let outbox = Outbox::default();
    for seq in [1, 2, 5, 4, 3] {
        assert_eq!(outbox.hint(stream(1), seq), 0);
    }
    assert_eq!(hints(&outbox.take()), [5]);
    assert!(outbox.take().words.is_empty());
}

#[test]
fn what_waits_is_bounded_and_what_is_too_much_is_counted() {
    let outbox = Outbox::default();
    outbox.connected();
    let lost: u64 = (0..WORDS + 10).map(|_| outbox.passing(Channel::All, vec![0])).sum();
    assert_eq!(lost, 10);
    assert_eq!(outbox.lasting(Channel::All, vec![0]), 0, "a flood of what passes leaves room for what lasts");
    assert_eq!(outbox.lasting(Channel::All, vec![0; BYTES]), 1);
    let lost: u64 = (0..HINTS as u128 + 10).map(|n| outbox.hint(stream(n), 1)).sum();
    assert_eq!(lost, 10);
    assert_eq!(outbox.hint(stream(1), 2), 0, "one that waits may grow");
    assert_eq!(outbox.disconnected(), WORDS as u64);
}

#[test]
fn it_is_taken_out_in_parts_and_in_order() {
    let outbox = Outbox::default();
    outbox.connected();
    for n in 0..WORDS {
        outbox.lasting(Channel::All, n.to_le_bytes().to_vec());
    }
    let mut out = Vec::new();
    while let Batch { words, .. } = outbox.take()
        && !words.is_empty()
    {
        assert!(words.len() <= AT_ONCE);
        out.extend(words.into_iter().map(|(_, said)| said.bytes(Uuid::nil())));
    }
    assert_eq!(out, (0..WORDS).map(|n| n.to_le_bytes().to_vec()).collect::<Vec<_>>());
}

#[test]
fn without_a_connection_what_passes_is_lost_and_what_lasts_waits() {
    let outbox = Outbox::default();
    assert_eq!(outbox.passing(Channel::All, vec![1]), 1);
    assert_eq!((outbox.lasting(Channel::All, vec![2]), outbox.hint(stream(1), 7)), (0, 0));
    assert!(outbox.follow(Channel::Stream(stream(1))).is_none(), "nobody could say when it begins");
    assert_eq!(outbox.connected(), [Channel::All, Channel::Stream(stream(1))]);
    let batch = outbox.take();
    assert_eq!((batch.words.len(), hints(&batch)), (2, vec![7]));
    assert!(batch.follow.is_empty(), "a new connection hears all of it from the start");
}

#[tokio::test]
async fn following_begins_when_it_has_been_said() {
    let outbox = Outbox::default();
    outbox.connected();
    let begins = outbox.follow(Channel::Stream(stream(1))).unwrap();
    outbox.follow(Channel::Stream(stream(2)));
    outbox.unfollow(Channel::Stream(stream(2)));
    outbox.unfollow(Channel::Stream(stream(3)));
    let batch = outbox.take();
    assert_eq!(
        (&batch.follow, &batch.unfollow),
        (&vec![Channel::Stream(stream(1))], &vec![Channel::Stream(stream(2))])
    );
    batch.begun.into_iter().for_each(|begun| _ = begun.send(()));
    assert!(begins.await.is_ok());
    let never = outbox.follow(Channel::Stream(stream(4))).unwrap();
    outbox.disconnected();
    assert!(never.await.is_err(), "whoever waits isn't left waiting");
}
