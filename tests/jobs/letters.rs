//! Administrators look after what was given up.

use serde_json::{Value, json};

use super::{How, all_done, dead, is_written, order, start};
use crate::support::{User, eventually};

async fn listed(admin: &User, filter: &str) -> Vec<Value> {
    admin.get(&format!("/admin/jobs{filter}")).await.expect(200).items().to_vec()
}

#[tokio::test]
async fn a_dead_letter_is_shown_tried_again_and_thrown_away() {
    let (app, desk) = start(4).await;
    let admin = app.admin("root").await;
    order(&app, "canary", How::Never).await;
    dead(&app).await;
    let letters = listed(&admin, "?state=dead").await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((&letter["kind"], &letter["error"]), (&json!("test.write"), &json!("no such word")));
    assert_eq!((&letter["state"], &letter["attempt"]), (&json!("dead"), &json!(1)));
    assert!(!letter.to_string().contains("canary"), "what is kept of it is nobody's business");
    assert_eq!(listed(&admin, "?state=waiting").await, listed(&admin, "?kind=another").await);

    let path = format!("/admin/jobs/{}", letter["id"].as_str().unwrap());
    admin.post(&format!("{path}/retry"), json!({})).await.expect(204);
    eventually(async || (desk.count("canary") == 2).then_some(())).await;
    eventually(async || (listed(&admin, "?state=dead").await.len() == 1).then_some(())).await;
    admin.delete(&path).await.expect(204);
    assert_eq!(listed(&admin, "").await, Vec::<Value>::new());
    admin.delete(&path).await.problem("E_NOT_FOUND", 404);
    admin.post(&format!("{path}/retry"), json!({})).await.problem("E_NOT_FOUND", 404);
    let audit = admin.get("/admin/audit").await.expect(200);
    let acts: Vec<_> =
        audit.items().iter().map(|act| (act["action"].clone(), act["detail"].clone())).collect();
    assert_eq!(acts, [(json!("job.delete"), json!("test.write")), (json!("job.retry"), json!("test.write"))]);
}

#[tokio::test]
async fn what_waits_is_not_retried_and_what_runs_is_not_deleted() {
    let (app, desk) = start(1).await;
    let admin = app.admin("root").await;
    for (word, how) in [("held", How::Held), ("waits", How::Well)] {
        order(&app, word, how).await;
        desk.begun("held").await;
    }
    let jobs = listed(&admin, "").await;
    let states: Vec<_> = jobs.iter().map(|job| job["state"].clone()).collect();
    assert_eq!(states, ["waiting", "running"], "newest first");
    let [waiting, running] = [0, 1].map(|n| format!("/admin/jobs/{}", jobs[n]["id"].as_str().unwrap()));
    for path in [&waiting, &running] {
        admin.post(&format!("{path}/retry"), json!({})).await.problem("E_JOB_NOT_DEAD", 409);
    }
    admin.delete(&running).await.problem("E_JOB_RUNNING", 409);
    admin.delete(&waiting).await.expect(204);
    desk.gate.add_permits(1);
    is_written(&app, "held").await;
    all_done(&app).await;
    assert_eq!(desk.count("waits"), 0);
}
