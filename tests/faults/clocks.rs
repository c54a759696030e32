//! A node's clock jumps.

use std::{fs, path::Path};

use super::{databases::Harmed, stand::Stand, traffic::Plan};
use crate::{server::Server, tools::tool};

/// Acknowledged while the clock is wrong.
const SOME: usize = 60;

/// By an hour, and back. Tokens that were given before are expired then, and those that are given meanwhile aren't valid
/// yet afterwards: clients get others.
#[tokio::test]
async fn f17_a_clock_jumps_by_an_hour() {
    let databases = Harmed::start().await;
    let url = databases.database.url();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (library, time) = (faketime(), folder.path().join("time"));
    let jump = |by: &str| fs::write(&time, by).expect("a file can be written");
    jump("+0");
    let settings = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", text(&time)),
        ("FAKETIME_NO_CACHE", "1"),
        // What measures how long something takes goes on as before, as on a real machine.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let nodes = vec![Server::on(&url, &settings).await, Server::on(&url, &[]).await];
    let mut stand = Stand::before("F17", Plan::default(), databases, nodes, None).await;

    jump("+3600");
    stand.lasts(SOME).await;
    stand.traffic.serves(stand.plan.people).await;
    jump("+0");
    stand.ends().await;
}

/// The library that makes a program see another time.
fn faketime() -> String {
    let debian = format!("/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1", std::env::consts::ARCH);
    text(&tool("libfaketime", "ROOKERY_TEST_FAKETIME", &[debian.into()])).to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}
