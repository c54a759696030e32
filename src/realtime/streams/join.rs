//! Joining: following and reading, as one act.

use std::{future::Future, sync::Arc};

use serde::Serialize;

use super::{StreamSource, Streams};
use crate::{
    problem::{Problem, codes},
    realtime::{Client, Reply},
    wire::StreamId,
};

/// A socket that wants to follow a stream, and waits for the answer.
pub struct Joining {
    pub stream: StreamId,
    pub client: Arc<Client>,
    pub source: Arc<dyn StreamSource>,
    pub reply: Reply,
}

impl Streams {
    /// Follows first and reads then: what happens in between is in the page, or is pushed after the
    /// answer, or both; never neither.
    ///
    /// `page` reads what is there already, and says up to which number; it is the answer. `then` runs
    /// after the answer and before the first push.
    pub async fn join<T: Serialize + Send + 'static>(
        &self,
        joining: Joining,
        page: impl Future<Output = Result<(i64, T), Problem>> + Send,
        then: impl FnOnce(&Client, &T) + Send + 'static,
    ) -> &'static str {
        let Joining { stream, client, source, reply } = joining;
        let mut half_way = HalfWay { streams: self, stream, client: &client, joined: false };
        let read = async {
            self.follow(stream, &client, source).await?;
            page.await
        };
        let (head, page) = match read.await {
            Ok(read) => read,
            Err(problem) => return reply.problem(&problem),
        };
        half_way.joined = true;
        drop(half_way);
        self.release(stream, client.sid(), head, move |still_follows| {
            if !still_follows {
                reply.problem(&Problem::of::<codes::NotFound>("You were removed while you joined."));
                return;
            }
            client.enter_room(stream);
            reply.data(&page);
            then(&client, &page);
        });
        "ok"
    }
}

/// A joining before its answer. Whether reading fails, or is given up in the middle: half joined isn't joined.
struct HalfWay<'a> {
    streams: &'a Streams,
    stream: StreamId,
    client: &'a Client,
    joined: bool,
}

impl Drop for HalfWay<'_> {
    fn drop(&mut self) {
        if !self.joined {
            self.streams.leave(self.stream, self.client);
        }
    }
}
