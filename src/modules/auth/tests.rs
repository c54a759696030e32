use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use poem_openapi::types::Email;
use tokio_util::sync::CancellationToken;

use super::{AuthDeps, AuthModule, AuthService, Registration, Sessions, dto::Login, error::AuthError};
use crate::{
    config::Secret,
    guards::{Caller, Gate, Keys, SessionWatcher},
    infra::scratch::Scratch,
    problem::Problem,
    realtime::{Bus, Exchange, Streams},
    wire::{SessionId, UserId},
};

const PASSWORD: &str = "correct horse";

/// What was said to have ended, and why.
#[derive(Default)]
struct Ended(Mutex<Vec<(usize, String)>>);

impl SessionWatcher for Ended {
    fn ended(&self, sessions: &[SessionId], reason: &str) {
        self.0.lock().unwrap().push((sessions.len(), reason.to_owned()));
    }

    fn changed(&self, _: UserId) {}
}

fn module(on: &Scratch, ended: &Arc<Ended>) -> AuthModule {
    let secret = Secret::new("of these tests, and of nobody else at all");
    let sessions = Arc::new(Sessions::new(on.db.clone(), on.clock.clone()));
    let keys = Keys::new(&secret, "tests", Duration::from_secs(900));
    AuthModule::new(AuthDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        metrics: on.metrics.clone(),
        gate: Arc::new(Gate::new(keys, on.clock.clone(), sessions.clone(), ended.clone())),
        sessions,
        streams: Streams::new(
            on.db.clone(),
            Bus::memory(&Exchange::default()),
            on.metrics.clone(),
            CancellationToken::new(),
        ),
        refresh_secret: secret,
        refresh_ttl: Duration::from_secs(3600),
        password_min: 8,
        hashers: 1,
    })
}

/// Registers Ana; her refresh token.
async fn ana(auth: &AuthService) -> String {
    let new = Registration {
        email: Email("ana@example.com".into()),
        username: "ana".into(),
        password: PASSWORD.into(),
        display_name: None,
    };
    auth.register(new, None, &Caller::default()).await.unwrap().refresh_token
}

async fn log_in(auth: &AuthService, password: &str) -> Result<String, AuthError> {
    let login = Login { login: "ANA".into(), password: password.into() };
    Ok(auth.login(login, &Caller::default()).await?.refresh_token)
}

#[tokio::test]
async fn a_token_that_is_used_again_too_late_ends_its_family_and_no_other() {
    let (on, ended) = (Scratch::new().await, Arc::<Ended>::default());
    let auth = module(&on, &ended).service();
    let (first, elsewhere) = (ana(&auth).await, log_in(&auth, PASSWORD).await.unwrap());
    let second = auth.refresh(&first).await.unwrap().refresh_token;
    on.clock.advance(TimeDelta::seconds(20));
    assert_eq!(auth.refresh(&first).await.unwrap().refresh_token, second, "two tabs may refresh at once");
    on.clock.advance(TimeDelta::milliseconds(1));
    assert!(matches!(auth.refresh(&first).await, Err(AuthError::RefreshReused)));
    assert!(matches!(auth.refresh(&second).await, Err(AuthError::SessionEnded)));
    auth.refresh(&elsewhere).await.unwrap();
    assert_eq!(*ended.0.lock().unwrap(), [(1, "refreshTokenReused".to_owned())]);
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_up_however_often_it_was_renewed() {
    let (on, ended) = (Scratch::new().await, Arc::<Ended>::default());
    let auth = module(&on, &ended).service();
    let token = ana(&auth).await;
    on.clock.advance(TimeDelta::seconds(3599));
    let token = auth.refresh(&token).await.unwrap().refresh_token;
    on.clock.advance(TimeDelta::seconds(1));
    assert!(matches!(auth.refresh(&token).await, Err(AuthError::SessionEnded)));
}

#[tokio::test]
async fn a_short_password_makes_nothing_and_a_wrong_one_opens_nothing() {
    let (on, ended) = (Scratch::new().await, Arc::<Ended>::default());
    let auth = module(&on, &ended).service();
    assert!(matches!(log_in(&auth, PASSWORD).await, Err(AuthError::Credentials)), "nobody is here yet");
    let new = Registration {
        email: Email("ana@example.com".into()),
        username: "ana".into(),
        password: "seven77".into(),
        display_name: None,
    };
    let problem = Problem::from(auth.register(new, None, &Caller::default()).await.err().unwrap());
    assert_eq!(problem.errors[0].pointer, "/password");
    ana(&auth).await;
    assert!(matches!(log_in(&auth, "Correct horse").await, Err(AuthError::Credentials)));
}
