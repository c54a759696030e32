//! What is counted, and its Prometheus text.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::process::ProcessCollector;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    /// The operation's id, so that the number of series is bounded by the document.
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QueryLabels {
    verb: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    event: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabels {
    transport: &'static str,
}

/// Every metric of the program, as fields.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_times: Family<OperationLabels, Histogram, fn() -> Histogram>,
    queries: Family<QueryLabels, Histogram, fn() -> Histogram>,
    query_errors: Counter,
    events: Family<EventLabels, Histogram, fn() -> Histogram>,
    jobs: Family<JobLabels, Histogram, fn() -> Histogram>,
    jobs_overdue: Gauge,
    limits: Family<LimitLabels, Counter>,
    /// Open TCP connections.
    pub connections: Gauge,
    /// Connections turned away because there were too many.
    pub connections_refused: Counter,
    /// Sessions of Engine.IO's, whether they have authenticated or not.
    pub sessions: Gauge,
    sockets: Family<TransportLabels, Gauge>,
    /// Streams with at least one local follower.
    pub streams: Gauge,
    /// Sockets that follow a stream, counted once a stream.
    pub followers: Gauge,
    /// Appends that wait until those before them in their stream are committed.
    pub appends_waiting: Gauge,
    /// Events pushed to sockets, counted once a socket.
    pub pushes: Counter,
    /// Sockets cut because they didn't read what was sent to them.
    pub lagging: Counter,
    /// Times that the change feed has been read.
    pub feed_looks: Counter,
    /// Events that the change feed has read, each once.
    pub feed_events: Counter,
    /// Bytes that sockets were sent and haven't taken yet.
    pub waiting: Gauge,
    /// Whether the other nodes are heard: 1, or 0.
    pub bus_well: Gauge,
    /// Times a connection to Redis was made.
    pub bus_connections: Counter,
    /// Words said to other nodes, and words that weren't.
    pub bus_said: Counter,
    pub bus_lost: Counter,
    /// Words of other nodes.
    pub bus_heard: Counter,
    /// Password hashes waiting or being computed.
    pub hashing: Gauge<i64>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            request_times: Family::new_with_constructor(seconds as fn() -> Histogram),
            queries: Family::new_with_constructor(seconds as fn() -> Histogram),
            query_errors: Counter::default(),
            events: Family::new_with_constructor(seconds as fn() -> Histogram),
            jobs: Family::new_with_constructor(seconds as fn() -> Histogram),
            jobs_overdue: Gauge::default(),
            limits: Family::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            sessions: Gauge::default(),
            sockets: Family::default(),
            streams: Gauge::default(),
            followers: Gauge::default(),
            appends_waiting: Gauge::default(),
            pushes: Counter::default(),
            lagging: Counter::default(),
            feed_looks: Counter::default(),
            feed_events: Counter::default(),
            waiting: Gauge::default(),
            bus_well: Gauge::default(),
            bus_connections: Counter::default(),
            bus_said: Counter::default(),
            bus_lost: Counter::default(),
            bus_heard: Counter::default(),
            hashing: Gauge::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let mut registry = Registry::default();
        let r = &mut registry;
        r.register("http_requests", "Answered requests", self.requests.clone());
        r.register("http_request_duration_seconds", "Time to answer a request", self.request_times.clone());
        r.register(
            "db_query_duration_seconds",
            "Time of a statement, waiting for a connection excluded",
            self.queries.clone(),
        );
        r.register("db_query_errors", "Statements that failed", self.query_errors.clone());
        r.register("websocket_event_duration_seconds", "Time to handle a socket event", self.events.clone());
        r.register("job_duration_seconds", "Time of an attempt at a job", self.jobs.clone());
        r.register(
            "jobs_overdue_milliseconds",
            "How long the oldest job has been due",
            self.jobs_overdue.clone(),
        );
        r.register("http_connections_active", "Open TCP connections", self.connections.clone());
        r.register(
            "http_connections_refused",
            "Connections turned away at the limit",
            self.connections_refused.clone(),
        );
        r.register("websocket_sessions_active", "Sessions, authenticated or not", self.sessions.clone());
        r.register("websocket_connections_active", "Authenticated sockets", self.sockets.clone());
        r.register("streams_active", "Streams with a local follower", self.streams.clone());
        r.register("stream_followers", "Sockets, once for each stream they follow", self.followers.clone());
        r.register("stream_appends_waiting", "Appends behind a commit", self.appends_waiting.clone());
        r.register("stream_pushes", "Stream events sent to sockets", self.pushes.clone());
        r.register("websocket_lagging", "Sockets cut because they didn't read", self.lagging.clone());
        r.register("change_feed_looks", "Times the change feed was read", self.feed_looks.clone());
        r.register("change_feed_events", "Events read by the change feed", self.feed_events.clone());
        r.register("websocket_limits", "Sockets refused or closed at a limit", self.limits.clone());
        r.register("websocket_waiting_bytes", "Sent to sockets and not yet taken", self.waiting.clone());
        r.register("bus_well", "Whether other nodes are heard through Redis", self.bus_well.clone());
        r.register("bus_connections", "Connections made to Redis", self.bus_connections.clone());
        r.register("bus_said", "Words told to other nodes", self.bus_said.clone());
        r.register("bus_lost", "Words for other nodes that were dropped or late", self.bus_lost.clone());
        r.register("bus_heard", "Words heard of other nodes", self.bus_heard.clone());
        r.register("password_hashes_active", "Password hashes waiting or running", self.hashing.clone());
        r.register_collector(Box::new(ProcessCollector));
        self.registry = registry;
        self
    }

    /// One answered request.
    pub fn request(&self, method: &'static str, operation: &'static str, status: u16, took: Duration) {
        let labels = RequestLabels { method, operation, status };
        self.requests.get_or_create(&labels).inc();
        self.request_times.get_or_create(&OperationLabels { operation }).observe(took.as_secs_f64());
    }

    /// One statement, by its [`verb`].
    pub fn query(&self, verb: &'static str, took: Duration, failed: bool) {
        self.queries.get_or_create(&QueryLabels { verb }).observe(took.as_secs_f64());
        if failed {
            self.query_errors.inc();
        }
    }

    /// One handled socket event; `outcome` is `ok` or a problem's code.
    pub fn event(&self, event: &'static str, outcome: &'static str, took: Duration) {
        self.events.get_or_create(&EventLabels { event, outcome }).observe(took.as_secs_f64());
    }

    /// One attempt at a job; `outcome` is `done`, `failed` (and tried again), `dead`, `left` for others, or `lost` to
    /// another.
    pub fn job(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.jobs.get_or_create(&JobLabels { kind, outcome }).observe(took.as_secs_f64());
    }

    /// The job that is due for the longest has been so for so many milliseconds.
    pub fn jobs_overdue(&self, millis: u64) {
        self.jobs_overdue.set(i64::try_from(millis).unwrap_or(i64::MAX));
    }

    /// A socket was refused or closed at this limit.
    pub fn limit(&self, limit: &'static str) {
        self.limits.get_or_create(&LimitLabels { limit }).inc();
    }

    /// So many sockets are connected in this way, and authenticated.
    pub fn sockets(&self, transport: &'static str, count: usize) {
        self.sockets.get_or_create(&TransportLabels { transport }).set(count as i64);
    }

    /// The Prometheus text (OpenMetrics 1.0).
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(16 * 1024);
        encode(&mut text, &self.registry).expect("a String takes any text");
        text
    }
}

/// Counts in a gauge for as long as it is kept.
pub struct Counted(Gauge);

impl Counted {
    pub fn in_gauge(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// From half a millisecond to 8 s, doubling.
fn seconds() -> Histogram {
    Histogram::new(prometheus_client::metrics::histogram::exponential_buckets(0.0005, 2.0, 15))
}

/// What a statement does, so that the number of series is bounded.
pub fn verb(sql: &str) -> &'static str {
    let head = sql.trim_start().get(..6).unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE"]
        .into_iter()
        .find(|verb| head.eq_ignore_ascii_case(verb))
        .unwrap_or("OTHER")
}
