//! What every scenario stands on: harmed databases, nodes, traffic; and the verdict at its end.

use std::{
    env,
    time::{Duration, Instant},
};

use super::{
    check::judge,
    databases::Harmed,
    figures::Figures,
    log::Log,
    stored::Stored,
    traffic::{Plan, Traffic},
};
use crate::{
    server::Server,
    wait::{DEADLINE, in_time},
};

/// Acknowledgements before and after a fault, so that there is something to lose.
const SOME: usize = 40;

pub struct Stand {
    pub plan: Plan,
    pub nodes: Vec<Server>,
    pub traffic: Traffic,
    pub databases: Harmed,
    name: &'static str,
}

impl Stand {
    /// Two nodes on one database, and people who talk.
    pub async fn begin(name: &'static str, plan: Plan) -> Self {
        let databases = Harmed::start().await;
        let url = databases.database.url();
        let nodes = vec![Server::on(&url, &[]).await, Server::on(&url, &[]).await];
        Self::before(name, plan, databases, nodes, None).await
    }

    /// The same with these nodes; the clients go by `urls`, if there are any.
    pub async fn before(
        name: &'static str,
        plan: Plan,
        databases: Harmed,
        nodes: Vec<Server>,
        urls: Option<Vec<String>>,
    ) -> Self {
        let urls = urls.unwrap_or_else(|| nodes.iter().map(Server::url).collect());
        let traffic = Traffic::begin(&plan, &urls).await;
        let mut stand = Self { plan, nodes, traffic, databases, name };
        stand.traffic.flows(SOME).await;
        stand
    }

    /// Does it once; or again and again, each time once everybody has been served, for as long as
    /// `cargo xtask faults --seconds` asks for.
    pub async fn again_and_again(&mut self, mut harm: impl AsyncFnMut(&mut Self)) {
        let begun = Instant::now();
        harm(self).await;
        while asked_for().is_some_and(|time| begun.elapsed() < time) {
            self.traffic.serves(self.plan.people).await;
            harm(self).await;
        }
    }

    /// Lets it last for as long as `cargo xtask faults --seconds` asks for, or else until so many messages more have been
    /// acknowledged in spite of it.
    pub async fn lasts(&mut self, or_until: usize) {
        self.while_asked_for().await;
        if asked_for().is_none() {
            self.traffic.flows(or_until).await;
        }
    }

    /// Lets it last for as long as `cargo xtask faults --seconds` asks for.
    pub async fn while_asked_for(&self) {
        tokio::time::sleep(asked_for().unwrap_or_default()).await;
    }

    /// Waits until so many messages are stored, whoever has been told of it.
    pub async fn stores(&self, messages: usize) {
        let stored = async || {
            let stored = self.databases.database.number("SELECT count(*) FROM messages").await;
            (stored as usize > messages).then_some(())
        };
        in_time(DEADLINE, stored).await.expect("what is sent is stored, though no answer passes");
    }

    /// It isn't broken any more: everybody has to be served again, and everything promised has to hold.
    pub async fn ends(mut self) -> (Figures, Log) {
        let healed_at = now();
        self.traffic.serves(self.plan.people).await;
        self.traffic.flows(SOME).await;
        let log = self.traffic.end().await;
        for node in &mut self.nodes {
            node.kill().await;
        }
        let stored = Stored::read(&self.databases.database).await;
        let violations = judge(&log, &stored);
        let figures = Figures::of(&log, healed_at);
        eprintln!("{:<4} {figures}  {}", self.name, if violations.is_empty() { "holds" } else { "BROKEN" });
        let told: Vec<String> = violations.iter().take(20).map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{} promises were broken\n{}", violations.len(), told.join("\n"));
        (figures, log)
    }
}

/// How long a fault is to last; the suite has no time for that.
pub fn asked_for() -> Option<Duration> {
    let seconds = env::var("ROOKERY_FAULTS_SECONDS").ok()?;
    Some(Duration::from_secs(seconds.parse().expect("ROOKERY_FAULTS_SECONDS is a number of seconds")))
}

/// Milliseconds since 1970, as the clients count.
pub fn now() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    since.as_millis() as u64
}
