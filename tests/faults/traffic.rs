//! Steady traffic: official clients in a process of Node, and the log that they write.

use std::{collections::BTreeSet, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::watch,
    task::JoinHandle,
};

use super::log::{Call, Log, Outcome, Record};
use crate::{server::SECRET, tools};

/// For so many people to register, and for everything to settle, with room for a busy machine.
const STUCK: Duration = Duration::from_secs(120);

/// Who talks to whom, and how often.
#[derive(Clone)]
pub struct Plan {
    pub people: usize,
    pub conversations: usize,
    /// People in each.
    pub members: usize,
    /// Between two messages of one person.
    pub every: Duration,
    /// Ways to connect; people have them in turn.
    pub transports: &'static [&'static [&'static str]],
    /// Patience with an answer.
    pub answer: Duration,
    /// Length of a message.
    pub bytes: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            people: 6,
            conversations: 3,
            members: 5,
            every: Duration::from_millis(60),
            transports: &[&["websocket"]],
            answer: Duration::from_secs(5),
            bytes: 0,
        }
    }
}

impl Plan {
    fn told(&self, urls: &[String]) -> Value {
        json!({
            "urls": urls,
            "people": self.people,
            "conversations": self.conversations,
            "members": self.members,
            "everyMs": self.every.as_millis() as u64,
            "transports": self.transports,
            "answerMs": self.answer.as_millis() as u64,
            "bytes": self.bytes,
        })
    }
}

/// It runs; killed when it is dropped.
pub struct Traffic {
    child: Child,
    orders: ChildStdin,
    log: watch::Receiver<Log>,
    readers: JoinHandle<()>,
}

impl Traffic {
    /// Returns once everybody is connected. Person n talks to the nth of these addresses, and so on in turn.
    pub async fn begin(plan: &Plan, urls: &[String]) -> Self {
        let mut node = Command::new(tools::node());
        node.arg(tools::in_project("tests/clients/load.mjs")).arg(plan.told(urls).to_string());
        node.env("ROOKERY_URL", &urls[0]).env("JWT_SECRET", SECRET).kill_on_drop(true);
        let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Node can be run");
        let orders = child.stdin.take().expect("the input is piped");
        let mut lines = BufReader::new(child.stdout.take().expect("the output is piped")).lines();
        let (write, log) = watch::channel(Log::default());
        let readers = tokio::spawn(async move {
            while let Some(line) = lines.next_line().await.expect("the log can be read") {
                let record = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                write.send_modify(|log| log.0.push(record));
            }
        });
        let mut traffic = Self { child, orders, log, readers };
        traffic.until("everybody to be there", 0, |record| matches!(record, Record::Ready)).await;
        traffic
    }

    /// Waits until the log shows a record that satisfies; it is shown each one from a place on.
    async fn until(&mut self, what: &str, from: usize, mut shows: impl FnMut(&Record) -> bool) {
        let mut next = from;
        let shown = self.log.wait_for(|log| {
            let records = &log.0[next..];
            next = log.0.len();
            records.iter().any(&mut shows)
        });
        let ended = tokio::time::timeout(STUCK, shown).await.map(|log| log.is_err());
        if ended != Ok(false) {
            let log = self.log.borrow();
            let last: Vec<String> = log.0.iter().rev().take(5).map(|record| format!("{record:?}")).collect();
            let (how, told) =
                (if ended.is_ok() { "ended before" } else { "wait in vain for" }, last.join("\n"));
            panic!("the clients {how} {what}; the last of {} records:\n{told}", log.0.len());
        }
    }

    /// How many records there are.
    fn now(&self) -> usize {
        self.log.borrow().0.len()
    }

    /// How many messages have been acknowledged.
    pub fn acknowledged(&self) -> usize {
        let log = self.log.borrow();
        log.0.iter().filter_map(acknowledgement).map(|call| call.id).collect::<BTreeSet<_>>().len()
    }

    /// Waits until so many more messages have been acknowledged.
    pub async fn flows(&mut self, mut more: usize) {
        let acknowledged = |record: &Record| {
            more -= usize::from(acknowledgement(record).is_some());
            more == 0
        };
        self.until("more acknowledgements", self.now(), acknowledged).await;
    }

    /// Does this to their connections, and waits until so many people have each connected anew.
    pub async fn connect_anew(&mut self, people: usize, after: impl FnOnce()) {
        let (from, mut back) = (self.now(), BTreeSet::new());
        after();
        let everybody = |record: &Record| {
            back.extend(match record {
                Record::Connected { who, .. } => Some(*who),
                _ => None,
            });
            back.len() >= people
        };
        self.until("everybody to connect anew", from, everybody).await;
    }

    /// Waits until so many people have each sent something since now that was acknowledged: all is well again.
    pub async fn serves(&mut self, people: usize) {
        let mut served = BTreeSet::new();
        let everybody = |record: &Record| {
            served.extend(acknowledgement(record).map(|call| call.who));
            served.len() >= people
        };
        self.until("everybody to be served", self.now(), everybody).await;
    }

    /// `pause 3`, `resume 3`
    pub async fn order(&mut self, words: &str) {
        self.orders.write_all(format!("{words}\n").as_bytes()).await.expect("the clients listen");
    }

    /// Lets everything settle, and returns the whole log.
    pub async fn end(mut self) -> Log {
        self.order("stop").await;
        self.until("everything to settle", 0, |record| matches!(record, Record::Done)).await;
        let status = tokio::time::timeout(STUCK, self.child.wait()).await.expect("the clients end");
        assert!(status.expect("they can be waited for").success(), "the clients failed");
        self.readers.await.expect("the log was read");
        self.log.borrow().clone()
    }
}

fn acknowledgement(record: &Record) -> Option<&Call> {
    match record {
        Record::Call(call) if call.outcome == Outcome::Ok => Some(call),
        _ => None,
    }
}
