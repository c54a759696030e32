use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::join_all;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};

use super::*;

/// Lets every commit pass.
const MANY: usize = 1 << 20;

/// Stores nothing, but numbers what it is asked for; each commit tells its size, and waits for a permit.
struct Numbering {
    last: AtomicI64,
    permits: Semaphore,
    begun: mpsc::UnboundedSender<usize>,
}

#[async_trait]
impl AppendMany for Numbering {
    type Ask = &'static str;
    type Done = i64;
    type Error = Problem;

    fn size(ask: &&'static str) -> usize {
        if *ask == "large" { MOST_BYTES } else { 1 }
    }

    async fn append_many(&self, _: StreamId, asks: &[&'static str]) -> Result<Vec<Outcome<Self>>, DbErr> {
        self.begun.send(asks.len()).expect("the test listens");
        self.permits.acquire().await.expect("it stays open").forget();
        assert!(!asks.contains(&"panic"), "planted");
        if asks.contains(&"poison") {
            return Err(DbErr::Custom("planted".into()));
        }
        if asks.contains(&"away") {
            return Err(DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout));
        }
        let number = |ask: &&str| match *ask {
            "refused" => Err(Problem::not_found("place")),
            _ => Ok(self.last.fetch_add(1, Ordering::SeqCst) + 1),
        };
        Ok(asks.iter().map(number).collect())
    }
}

struct Bench {
    together: Arc<Together<Numbering>>,
    begun: mpsc::UnboundedReceiver<usize>,
    stream: StreamId,
}

impl Bench {
    /// Commits so often without being let.
    fn new(permits: usize) -> Self {
        let (sender, begun) = mpsc::unbounded_channel();
        let work = Numbering { last: AtomicI64::default(), permits: Semaphore::new(permits), begun: sender };
        let stream = StreamId(uuid::Uuid::new_v4());
        Self { together: Together::new(work, TaskTracker::new(), Arc::default()), begun, stream }
    }

    /// Asks for these at once; their answers, in this order.
    async fn ask(&self, asks: &[&'static str]) -> Vec<Result<i64, &'static str>> {
        let answers = join_all(asks.iter().map(|ask| self.together.append(self.stream, ask))).await;
        answers.into_iter().map(|answer| answer.map_err(|problem| problem.code.name)).collect()
    }

    /// How many each commit was for, so far.
    fn sizes(&mut self) -> Vec<usize> {
        std::iter::from_fn(|| self.begun.try_recv().ok()).collect()
    }

    /// Asks alone, and waits until its commit has begun: for nobody's company.
    async fn begin(&mut self) -> JoinHandle<Result<i64, Problem>> {
        let (together, stream) = (self.together.clone(), self.stream);
        let first = tokio::spawn(async move { together.append(stream, "first").await });
        assert_eq!(self.begun.recv().await, Some(1));
        first
    }

    async fn waits(&self, waiting: usize) {
        while self.together.queues()[&self.stream].len() < waiting {
            tokio::task::yield_now().await;
        }
    }

    /// Lets commits pass as soon as so many wait.
    async fn let_go_when(&self, waiting: usize) {
        self.waits(waiting).await;
        self.together.work.permits.add_permits(MANY);
    }

    async fn ends_at_rest(self) {
        assert!(self.together.queues().is_empty(), "a queue is left");
        self.together.tracker.close();
        self.together.tracker.wait().await;
    }
}

#[tokio::test]
async fn what_waits_meanwhile_is_committed_together_and_in_order() {
    let mut bench = Bench::new(0);
    let first = bench.begin().await;
    let (others, ()) = tokio::join!(bench.ask(&["a"; 300]), bench.let_go_when(300));
    assert_eq!(first.await.expect("it has ended").expect("it is stored"), 1);
    assert_eq!(others, (2..=301).map(Ok).collect::<Vec<_>>());
    assert_eq!(bench.sizes(), [MOST, MOST, 300 - 2 * MOST]);
    bench.ends_at_rest().await;
}

#[tokio::test]
async fn a_commit_holds_no_more_bytes_than_it_may() {
    let mut bench = Bench::new(MANY);
    let answers = bench.ask(&["a", "large", "a", "a", "large", "large"]).await;
    assert_eq!(answers, (1..=6).map(Ok).collect::<Vec<_>>());
    assert_eq!(bench.sizes(), [1, 1, 2, 1, 1]);
    bench.ends_at_rest().await;
}

#[tokio::test]
async fn a_refusal_is_its_own_askers() {
    let bench = Bench::new(MANY);
    let answers = bench.ask(&["a", "refused", "b"]).await;
    assert_eq!(answers, [Ok(1), Err("E_NOT_FOUND"), Ok(2)]);
    bench.ends_at_rest().await;
}

#[tokio::test]
async fn what_fails_or_panics_takes_nobody_with_it() {
    for planted in ["poison", "panic"] {
        let mut bench = Bench::new(MANY);
        let answers = bench.ask(&["a", planted, "b", planted]).await;
        assert_eq!(answers, [Ok(1), Err("E_INTERNAL"), Ok(2), Err("E_INTERNAL")], "{planted}");
        assert_eq!(bench.sizes(), [4, 1, 1, 1, 1], "{planted}");
        assert_eq!(bench.ask(&["c"]).await, [Ok(3)], "it goes on");
        bench.ends_at_rest().await;
    }
}

#[tokio::test]
async fn when_the_database_is_away_nobody_tries_alone() {
    let mut bench = Bench::new(MANY);
    assert_eq!(bench.ask(&["a", "away", "b"]).await, [Err("E_OVERLOADED"); 3]);
    assert_eq!(bench.sizes(), [3]);
    // A poisonous one is found before: those after it learn that it is away.
    let answers = bench.ask(&["poison", "a", "away", "b"]).await;
    assert_eq!(answers, [Err("E_INTERNAL"), Ok(1), Err("E_OVERLOADED"), Err("E_OVERLOADED")]);
    bench.ends_at_rest().await;
}

#[tokio::test]
async fn who_goes_away_stops_nobody_and_what_was_begun_is_done() {
    let mut bench = Bench::new(0);
    let leader = bench.begin().await;
    let (together, stream) = (bench.together.clone(), bench.stream);
    let goes = tokio::spawn(async move { together.append(stream, "goes").await });
    bench.waits(1).await;
    for gone in [leader, goes] {
        gone.abort();
        assert!(gone.await.is_err_and(|error| error.is_cancelled()));
    }
    let (others, ()) = tokio::join!(bench.ask(&["a", "b"]), bench.let_go_when(3));
    assert_eq!(others, [Ok(2), Ok(3)], "the first is stored, and the one behind it isn't");
    assert_eq!(bench.sizes(), [2]);
    bench.ends_at_rest().await;
}

#[tokio::test]
async fn too_many_that_wait_are_refused() {
    let mut bench = Bench::new(0);
    let first = bench.begin().await;
    let asks = ["a"; MOST_WAITING + 2];
    let (answers, ()) = tokio::join!(bench.ask(&asks), bench.let_go_when(MOST_WAITING));
    assert_eq!(first.await.expect("it has ended").expect("it is stored"), 1);
    let (stored, refused) = answers.split_at(MOST_WAITING);
    assert_eq!(stored, (2..).take(MOST_WAITING).map(Ok).collect::<Vec<_>>());
    assert_eq!(refused, [Err("E_OVERLOADED"); 2]);
    bench.ends_at_rest().await;
}
