//! Telling a socket where its user's own stream is, and waking it when there is news.

use std::sync::Arc;

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use uuid::{Uuid, uuid};

use super::OwnHead;
use crate::{
    infra::deadline::in_time,
    problem::Problem,
    realtime::{
        Client, Packet, ServerEvent, Streams,
        streams::{
            handle::{Command, News},
            hub::{Inner, Tasks},
            task::StreamTask,
        },
    },
    wire::{Head, StreamId, UserId},
};

/// Events that are pushed to make up for an absence. Who has missed more asks for them.
const MADE_UP_FOR: i64 = 200;

/// What a socket says of its user's own stream when it connects.
#[derive(Debug, Clone, Copy, Default)]
pub struct Since {
    /// The newest event it has.
    pub after: Option<i64>,
    /// The life of the database that it had it in.
    pub epoch: Option<Uuid>,
}

/// The first that a socket is told.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The newest event of my own stream.
    pub head_seq: i64,
    pub epoch: Uuid,
    /// Events after this one are pushed. What I lack before it is at `GET /users/me/events`.
    pub pushed_after: i64,
    /// What I said that I had is of another life of the database: forget it.
    pub resync: bool,
}

/// Stands for an event that this version doesn't know, or that can't be shown any more.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct Passed {
    pub seq: i64,
}

impl Streams {
    /// Tells a socket where its user's own stream is, and pushes what comes after.
    pub(in crate::realtime) async fn welcome(
        &self,
        client: &Arc<Client>,
        since: Since,
    ) -> Result<(), Problem> {
        // First, so that whatever is noted after the read is heard of.
        self.inner.own.add(client);
        match in_time(client.own.source.head(client.user_id)).await {
            Ok(head) => self.inner.attach(client, Welcome::new(since, head)),
            Err(problem) => {
                self.inner.own.remove(client);
                return Err(problem);
            }
        }
        Ok(())
    }

    /// Forgets a socket that has gone.
    pub(in crate::realtime) fn detach(&self, client: &Client) {
        self.inner.own.remove(client);
        self.unfollow(client.user_id.into(), client.sid());
    }
}

impl Inner {
    fn attach(self: &Arc<Self>, client: &Arc<Client>, welcome: Welcome) {
        let stream = client.user_id.into();
        let mut tasks = self.tasks();
        if !client.is_connected() || client.push(Welcome::NAME, &welcome.encode()).is_err() {
            // It has gone meanwhile, perhaps before it was added.
            return self.own.remove(client);
        }
        let seen = welcome.pushed_after;
        client.own.reach(seen);
        let attach = Command::Attach { client: client.clone(), seen };
        let attached = tasks.get(&stream).is_some_and(|handle| handle.command(attach).is_ok());
        if !attached && client.own.hear(welcome.head_seq).is_some() {
            self.resume(&mut tasks, stream, vec![(seen, client.clone())]);
        }
    }

    /// Tells the sockets of the user whose own stream this is, if it is one.
    pub(in crate::realtime::streams) fn tell_own(
        self: &Arc<Self>,
        tasks: &mut Tasks,
        stream: StreamId,
        news: News,
    ) {
        let clients = self.own.of(UserId(stream.0));
        match news {
            News::Ephemeral { name, payload, author: _, except } => {
                let packet = Packet::new(&name, &payload);
                for client in clients.iter().filter(|client| Some(client.sid()) != except) {
                    client.pass_or_cut(&packet);
                }
            }
            news => {
                let Some(newest) = news.newest() else { return };
                let behind = |client: Arc<Client>| Some((client.own.hear(newest)?, client));
                let behind: Vec<_> = clients.into_iter().filter_map(behind).collect();
                self.resume(tasks, stream, behind);
            }
        }
    }

    /// Starts the task that pushes to these sockets what they lack.
    fn resume(self: &Arc<Self>, tasks: &mut Tasks, stream: StreamId, behind: Vec<(i64, Arc<Client>)>) {
        let Some((from, of)) = behind.iter().min_by_key(|(seen, _)| *seen) else { return };
        if self.stop.is_cancelled() {
            return;
        }
        let (handle, task) = StreamTask::resumed(stream, of.own.source.clone(), self.clone(), *from);
        for (seen, client) in behind {
            handle.tell(News::Grown(client.own.heard()));
            _ = handle.command(Command::Attach { client, seen });
        }
        self.begin(tasks, stream, handle, task.run(None));
    }
}

impl Welcome {
    fn new(Since { after, epoch: known }: Since, OwnHead { head, first }: OwnHead) -> Self {
        let Head { seq: head_seq, epoch } = head;
        let resync = after.is_some_and(|after| after > head_seq || after > 0 && after < first - 1)
            || known.is_some_and(|known| known != epoch);
        let has = after.filter(|_| !resync).map(|after| after.max(first - 1));
        let made_up_for = has.filter(|has| head_seq - has <= MADE_UP_FOR);
        Self { head_seq, epoch, pushed_after: made_up_for.unwrap_or(head_seq), resync }
    }
}

impl ServerEvent for Welcome {
    const NAME: &'static str = "welcome";
    const SUMMARY: &'static str = "This socket is connected; where my own stream is";
}

impl ServerEvent for Passed {
    const NAME: &'static str = "passed";
    const SUMMARY: &'static str = "Something in my own stream that can't be shown; it only has its number";
}

impl Example for Welcome {
    fn example() -> Self {
        let epoch = uuid!("01980a1e-7c00-7000-8000-0000000000ee");
        Self { head_seq: 7, epoch, pushed_after: 7, resync: false }
    }
}

impl Example for Passed {
    fn example() -> Self {
        Self { seq: 8 }
    }
}
