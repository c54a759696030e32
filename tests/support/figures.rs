//! Counting, and doing many things at once.

use std::future::Future;

use super::{Answer, Client};

/// The sum of a metric over all its labels, as `/metrics` tells it.
pub async fn figure(client: &Client, name: &str) -> f64 {
    let answer = client.get("//metrics").await.expect(200);
    let text = answer.body.as_str().expect("metrics are text");
    let lines = text.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{'))
    });
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// What a GET of this path costs in statements. The fewest of several: others are made beside it, by the change feed and
/// other housekeeping, and now and then the gate looks the session up again.
pub async fn queries_of(client: &Client, path: &str) -> f64 {
    const COUNTED: &str = "db_query_duration_seconds_count";
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let before = figure(client, COUNTED).await;
        client.get(path).await.expect(200);
        least = least.min(figure(client, COUNTED).await - before);
    }
    least
}

/// Sends this many requests at once and waits for all answers.
pub async fn in_parallel<F>(count: usize, request: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(request(number))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("a request doesn't panic"));
    }
    answers
}
