//! One for each invariant, and more where a promise can be broken in more than one place.

use super::{Change, Plant};

const SEND: &str = "src/modules/messages/service/send.rs";
const HUB: &str = "src/realtime/streams/hub.rs";
const PUSHING: &str = "src/realtime/streams/task/pushing.rs";

pub const PLANTS: &[Plant] = &[
    Plant {
        name: "acknowledge before the commit",
        changes: &[Change {
            file: SEND,
            from: "if let Err(error) = tx.commit().await {",
            to: "tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            tx.commit().await
        });
        if let Err(error) = Ok::<(), DbErr>(()) {",
        }],
        scenario: "F1",
        invariant: "AcknowledgedIsStored",
    },
    Plant {
        name: "answer with another number than the one that is stored",
        changes: &[Change {
            file: SEND,
            from: "stored(place).map(|message| (message, false))",
            to: "stored(place).map(|message| (MessageDto { seq: message.seq + 1, ..message }, false))",
        }],
        scenario: "F6",
        invariant: "AcknowledgedAsStored",
    },
    Plant {
        name: "store what is sent again once more",
        changes: &[Change {
            file: SEND,
            from: "(Some(row), _) if draft.is_stored_as(&row.message) => Verdict::StoredBefore(Box::new(row)),",
            to: "(Some(row), _) if draft.is_stored_as(&row.message) => {
                let mut message = draft.row(first, rows.len());
                message.message_id = crate::wire::MessageId::generate();
                rows.push(MessageRow { message, replied, mine: Vec::new() });
                Verdict::StoredBefore(Box::new(row))
            }",
        }],
        scenario: "F2",
        invariant: "StoredOnce",
    },
    Plant {
        name: "refuse after the commit",
        changes: &[Change {
            file: SEND,
            from: "stored(place).map(|message| (message, false))",
            to: "stored(place).and_then(|message| match message.seq % 7 {
                0 => Err(MessageError::IdTaken),
                _ => Ok((message, false)),
            })",
        }],
        scenario: "F6",
        invariant: "RefusedIsNotStored",
    },
    Plant {
        name: "store another text than the one that was sent",
        changes: &[Change {
            file: SEND,
            from: "let replied = reply_to.map(|id| id.to_string());",
            to: "let (content, replied) = (content + \"!\", reply_to.map(|id| id.to_string()));",
        }],
        scenario: "F6",
        invariant: "OnlyWhatWasSent",
    },
    Plant {
        name: "burn a number",
        changes: &[Change {
            file: "src/realtime/streams/many.rs",
            from: "let newest = self.seq - 1 + by as i64;",
            to: "let newest = self.seq - 1 + by as i64 + i64::from(self.seq % 10 == 0);",
        }],
        scenario: "F6",
        invariant: "NoGap",
    },
    Plant {
        name: "handle a socket's events at once, not one after the other",
        changes: &[Change {
            file: "src/realtime/mailbox.rs",
            from: "if AssertUnwindSafe(work).catch_unwind().await.is_err() {",
            to: "static HANDLED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
            let late = 500 * (HANDLED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 2);
            let work = tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(late)).await;
                AssertUnwindSafe(work).catch_unwind().await
            });
            if work.is_finished() {",
        }],
        scenario: "F6",
        invariant: "OrderOfSending",
    },
    Plant {
        name: "push what arrives first, whatever its number",
        changes: &[Change {
            file: "src/realtime/streams/window.rs",
            from: "let event = self.early.remove(&(self.cursor + 1))?;",
            to: "let (_, event) = self.early.pop_first()?;",
        }],
        scenario: "F6",
        invariant: "PushedInOrder",
    },
    Plant {
        name: "skip a socket that doesn't read, instead of cutting it",
        changes: &[Change {
            file: PUSHING,
            from: "Err(error) => lost.push((*sid, error)),",
            to: "Err(PushError::Lagging) => {
                    follower.seen = event.seq;
                    self.hub.metrics.lagging.inc();
                }
                Err(error) => lost.push((*sid, error)),",
        }],
        scenario: "F12",
        invariant: "PushedInOrder",
    },
    Plant {
        name: "tell nobody that a stream has grown, and look for it never",
        changes: &[
            Change {
                file: HUB,
                from: "self.inner.bus.tell(stream, bus::News::Grown(newest));",
                to: "tracing::info!(newest, \"tells nobody\");",
            },
            Change {
                file: "src/realtime/feed/mod.rs",
                from: "self.0.streams.found(stream, seq));",
                to: "tracing::info!(%stream, seq, \"doesn't look\"));",
            },
            Change {
                file: HUB,
                from: "self.inner.tell(stream, News::Grown(head));",
                to: "tracing::info!(%stream, head, \"doesn't compare\");",
            },
        ],
        scenario: "F3",
        invariant: "EverythingIsPushed",
    },
    Plant {
        name: "leave something out of what was missed",
        changes: &[Change {
            file: "src/modules/messages/service/reading.rs",
            from: "keep_within_budget(&mut events);",
            to: "keep_within_budget(&mut events);
        if events.len() > 2 {
            events.remove(1);
        }",
        }],
        scenario: "F1",
        invariant: "EverythingArrives",
    },
    Plant {
        name: "push before the commit",
        changes: &[Change {
            file: SEND,
            from: "if let Err(error) = tx.commit().await {",
            to: "let early = rows.iter().map(|row| sent(&MessageDto::of(row.clone(), first.at))).collect();
        self.streams.committed(first.stream, early);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if let Err(error) = tx.commit().await {",
        }],
        scenario: "F8",
        invariant: "SeenAsStored",
    },
    Plant {
        name: "go on pushing to whoever was removed",
        changes: &[Change {
            file: PUSHING,
            from: "self.remove(user, event.seq);",
            to: "tracing::info!(?user, \"goes on\");",
        }],
        scenario: "F6",
        invariant: "MembersOnly",
    },
    Plant {
        name: "have clients begin anew who needn't",
        changes: &[Change {
            file: "src/wire/catch_up.rs",
            from: "after > head_seq",
            to: "after > 3 || after > head_seq",
        }],
        scenario: "F1",
        invariant: "OneEpoch",
    },
];
