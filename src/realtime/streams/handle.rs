//! How others reach a stream's task: news, which may be lost, and commands, which may not.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::value::RawValue;
use socketioxide::socket::Sid;
use tokio::sync::{mpsc, oneshot};

use super::Pushed;
use crate::{realtime::Client, wire::UserId};

/// News that may wait.
const QUEUE: usize = 1024;

/// What happened in the stream. May be lost when too much waits: it can be read again.
pub enum News {
    Committed(Vec<Pushed>),
    Grown(i64),
    Ephemeral { name: Cow<'static, str>, payload: Arc<RawValue>, author: UserId, except: Option<Sid> },
}

impl News {
    /// The newest number that it tells of.
    pub fn newest(&self) -> Option<i64> {
        match self {
            Self::Committed(events) => events.last().map(|event| event.seq),
            Self::Grown(seq) => Some(*seq),
            Self::Ephemeral { .. } => None,
        }
    }
}

/// Who follows. Never lost: somebody waits for it. There are no more of them at once than sockets,
/// for a socket's events are handled one by one.
pub enum Command {
    Follow {
        client: Arc<Client>,
        ready: oneshot::Sender<bool>,
    },
    Release {
        sid: Sid,
        seen: i64,
        answer: Box<dyn FnOnce(bool) + Send>,
    },
    /// One that has been told that it follows, from after this number on.
    Attach {
        client: Arc<Client>,
        seen: i64,
    },
    Unfollow {
        sid: Sid,
    },
}

/// How others reach the task.
pub struct Handle {
    news: mpsc::Sender<News>,
    commands: mpsc::UnboundedSender<Command>,
    /// The newest number anyone has heard of; survives a full queue.
    grown: Arc<AtomicI64>,
}

/// The task's end of its handle.
pub struct Inbox {
    pub news: mpsc::Receiver<News>,
    pub commands: mpsc::UnboundedReceiver<Command>,
    pub grown: Arc<AtomicI64>,
}

impl Handle {
    pub fn new() -> (Self, Inbox) {
        let (news, of_news) = mpsc::channel(QUEUE);
        let (commands, of_commands) = mpsc::unbounded_channel();
        let grown = Arc::new(AtomicI64::new(0));
        let inbox = Inbox { news: of_news, commands: of_commands, grown: grown.clone() };
        (Self { news, commands, grown }, inbox)
    }

    /// Passes news on. Losing it to a full queue is harmless, because `grown` isn't lost.
    pub fn tell(&self, news: News) {
        let known = news.newest().map_or(i64::MIN, |seq| self.grown.fetch_max(seq, Ordering::AcqRel));
        // Nothing new: the task needn't wake for it.
        let stale = matches!(news, News::Grown(seq) if seq <= known);
        if !stale && self.news.try_send(news).is_err() {
            tracing::debug!("a stream's task has much to do; it will read what it wasn't told");
        }
    }

    /// Whether it is the handle of the task that has this for its `grown`.
    pub fn shares(&self, grown: &Arc<AtomicI64>) -> bool {
        Arc::ptr_eq(&self.grown, grown)
    }

    /// Queues a command; gives it back when the task has ended.
    pub fn command(&self, command: Command) -> Result<(), Command> {
        self.commands.send(command).map_err(|error| error.0)
    }
}
