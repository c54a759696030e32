use uuid::Uuid;

use super::*;
use crate::{infra::scratch::Scratch, realtime::Exchange};

#[tokio::test]
async fn a_task_that_was_forgotten_takes_no_other_with_it() {
    let Scratch { db, metrics, .. } = &Scratch::new().await;
    let bus = Bus::memory(&Exchange::default());
    let streams = Streams::new(db.clone(), bus, metrics.clone(), CancellationToken::new());
    let stream = StreamId(Uuid::new_v4());
    let begin = || {
        let (handle, inbox) = Handle::new();
        streams.inner.begin(&mut streams.inner.tasks(), stream, handle, async {});
        inbox
    };
    let before = begin();
    streams.forget_all();
    assert_eq!(metrics.streams.get(), 0);
    let now = begin();
    assert!(streams.inner.retire(stream, &before.grown, || true), "it may go");
    assert!(streams.inner.tasks().contains_key(&stream));
    assert!(!streams.inner.retire(stream, &now.grown, || false));
    assert!(streams.inner.retire(stream, &now.grown, || true));
    assert!(streams.inner.tasks().is_empty());
}
