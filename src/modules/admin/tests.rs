use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{AdminDeps, AdminModule, SessionsPort, dto::AccountEdit, error::AdminError};
use crate::{
    config::Secret,
    guards::{Caller, EndedSession, Gate, Keys, LiveSession, Role, SessionPort, SessionWatcher},
    infra::{db::Tx, scratch::Scratch},
    modules::users::{UserStatus, person},
    problem::Problem,
    realtime::{Bus, Exchange, Sockets, Streams},
    wire::{PageQuery, SessionId, UserId},
};

/// Everybody has this one session, and who asks whether it lives is told that it doesn't.
struct OneEach(SessionId);

#[async_trait]
impl SessionsPort for OneEach {
    async fn suspend(&self, _: &Tx, _: UserId, _: Option<UserId>) -> Result<Vec<SessionId>, Problem> {
        Ok(vec![self.0])
    }

    async fn account_changed(&self, _: &Tx, _: UserId, _: Option<UserId>) -> Result<i64, Problem> {
        Ok(1)
    }
}

#[async_trait]
impl SessionPort for OneEach {
    async fn live(&self, _: SessionId) -> Result<Option<LiveSession>, Problem> {
        Ok(None)
    }

    async fn ended_among(&self, _: &[SessionId]) -> Result<Vec<EndedSession>, Problem> {
        Ok(vec![(self.0, "sessionEnded".into())])
    }
}

/// Which sessions were said to have ended, and why.
#[derive(Default)]
struct Ended(Mutex<Vec<(Vec<SessionId>, String)>>);

impl SessionWatcher for Ended {
    fn ended(&self, sessions: &[SessionId], reason: &str) {
        self.0.lock().unwrap().push((sessions.to_vec(), reason.to_owned()));
    }

    fn changed(&self, _: UserId) {}
}

fn module(on: &Scratch, session: SessionId, ended: &Arc<Ended>) -> AdminModule {
    let keys = Keys::new(&Secret::new("of these tests, and of nobody else"), "tests", Duration::from_secs(1));
    let sessions = Arc::new(OneEach(session));
    AdminModule::new(AdminDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        gate: Arc::new(Gate::new(keys, on.clock.clone(), sessions.clone(), ended.clone())),
        sockets: Arc::new(Sockets::new(on.metrics.clone(), on.clock.clone())),
        streams: Streams::new(
            on.db.clone(),
            Bus::memory(&Exchange::default()),
            on.metrics.clone(),
            CancellationToken::new(),
        ),
        sessions,
    })
}

fn role(role: Role) -> AccountEdit {
    AccountEdit { role: Some(role), status: None }
}

#[tokio::test]
async fn who_is_suspended_loses_their_sessions_with_the_commit_and_it_is_written_down() {
    let (on, session, ended) = (Scratch::new().await, SessionId::generate(), Arc::<Ended>::default());
    let (root, ana) = (person(&on, "root").await, person(&on, "ana").await);
    let admin = module(&on, session, &ended).service();
    admin.grant("root").await.unwrap();
    ended.0.lock().unwrap().clear();
    let suspend = AccountEdit { role: None, status: Some(UserStatus::Suspended) };
    let after = admin.edit(root, ana, suspend, Caller::default()).await.unwrap();
    assert_eq!(after.status, UserStatus::Suspended);
    assert_eq!(*ended.0.lock().unwrap(), [(vec![session], "accountSuspended".to_owned())]);
    let audit = admin.audit(Some(ana), Some(root), PageQuery::new(None, None).unwrap()).await.unwrap();
    let acts: Vec<_> = audit.items.iter().map(|act| (act.action.as_str(), act.detail.as_str())).collect();
    assert_eq!(acts, [("user.status", "active to suspended")]);
}

#[tokio::test]
async fn one_who_was_demoted_meanwhile_changes_nothing() {
    let (on, ended) = (Scratch::new().await, Arc::<Ended>::default());
    let (root, second) = (person(&on, "root").await, person(&on, "second").await);
    let admin = module(&on, SessionId::generate(), &ended).service();
    for name in ["root", "second"] {
        admin.grant(name).await.unwrap();
    }
    admin.edit(root, second, role(Role::User), Caller::default()).await.unwrap();
    let late = admin.edit(second, root, role(Role::User), Caller::default()).await;
    assert!(matches!(late, Err(AdminError::NoLongerAdmin)));
    assert_eq!(admin.get(root).await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn nobody_changes_their_own_account() {
    let (on, ended) = (Scratch::new().await, Arc::<Ended>::default());
    let root = person(&on, "root").await;
    let admin = module(&on, SessionId::generate(), &ended).service();
    admin.grant("root").await.unwrap();
    let own = admin.edit(root, root, role(Role::User), Caller::default()).await;
    assert!(matches!(own, Err(AdminError::OwnAccount)));
}
