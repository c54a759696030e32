//! Passwords: Argon2id, a bounded number at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::Semaphore;

use super::error::AuthError;
use crate::{
    infra::{argon::Argon, metrics::Metrics},
    problem::Problem,
};

pub use crate::infra::argon::Verdict;

/// Of no password, with these parameters: verified when there is no user, so that both take the same time.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$eTmT+FfIojqT3blcRsBKrQ$MZYgPp1L68g3ch3ch+q5fAy3Wl/m0oUvhZ2CDTEWCvI";

/// Requests that may wait for each hashing thread, and for how long.
const WAITING_EACH: usize = 128;
const PATIENCE: Duration = Duration::from_secs(10);

/// How often memory is given back that nobody has needed: a busy node needs it all the time, and hashing in new memory takes
/// nearly twice as long.
const GIVE_BACK_EVERY: Duration = Duration::from_secs(10);

/// Hashes and verifies, a few at a time; the rest wait, and beyond a bound are told to come back.
pub struct Hasher {
    argon: Arc<Argon>,
    threads: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
    most_inside: usize,
    metrics: Arc<Metrics>,
}

impl Hasher {
    pub fn new(threads: usize, metrics: Arc<Metrics>) -> Self {
        Self {
            argon: Arc::default(),
            threads: Arc::new(Semaphore::new(threads)),
            inside: Arc::default(),
            most_inside: threads * (WAITING_EACH + 1),
            metrics,
        }
    }

    /// The PHC string of a password, with a new salt.
    pub async fn hash(&self, password: String) -> Result<String, AuthError> {
        Ok(self.run(move |argon| argon.hash(&password)).await??)
    }

    /// Compares a password with a stored hash; with none, takes as long and says it is wrong.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict, AuthError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| DECOY.to_owned());
        let verdict = self.run(move |argon| argon.verify(&password, &stored)).await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// Gives back memory that nobody needs, for ever.
    pub fn give_back(&self) -> impl Future<Output = ()> + use<> {
        let argon = self.argon.clone();
        async move {
            let mut tick = tokio::time::interval(GIVE_BACK_EVERY);
            loop {
                tick.tick().await;
                argon.give_back();
            }
        }
    }

    /// Runs on a thread of its own once one of ours is free.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon) -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let _inside = Inside::enter(self)?;
        let permit = tokio::time::timeout(PATIENCE, self.threads.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| AuthError::Overloaded)?.expect("the semaphore is never closed");
        let argon = self.argon.clone();
        let done = tokio::task::spawn_blocking(move || {
            // Held by the thread and not by the request: one that goes away doesn't free a place.
            let _permit = permit;
            work(&argon)
        });
        done.await.map_err(|error| Problem::internal(error).into())
    }
}

/// Counts whoever is inside, waiting or hashing.
struct Inside {
    inside: Arc<AtomicUsize>,
    metrics: Arc<Metrics>,
}

impl Inside {
    fn enter(hasher: &Hasher) -> Result<Self, AuthError> {
        let before = hasher.inside.fetch_add(1, Ordering::AcqRel);
        hasher.metrics.hashing.inc();
        let entered = Self { inside: hasher.inside.clone(), metrics: hasher.metrics.clone() };
        match before < hasher.most_inside {
            true => Ok(entered),
            false => Err(AuthError::Overloaded),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::AcqRel);
        self.metrics.hashing.dec();
    }
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    fn hasher(threads: usize) -> Hasher {
        Hasher::new(threads, Arc::default())
    }

    #[tokio::test]
    async fn nobodys_hash_costs_as_much_as_anybodys() {
        let fresh = hasher(1).hash("correct horse".into()).await.unwrap();
        let (fresh, decoy) = (PasswordHash::new(&fresh).unwrap(), PasswordHash::new(DECOY).unwrap());
        let costs = |hash: &PasswordHash| {
            let (salt, output) = (hash.salt.as_ref().unwrap(), hash.hash.as_ref().unwrap());
            (hash.algorithm.to_string(), hash.version, hash.params.to_string(), salt.len(), output.len())
        };
        assert_eq!(costs(&decoy), costs(&fresh));
    }

    #[tokio::test]
    async fn right_wrong_and_nobody() {
        let hasher = hasher(1);
        let stored = hasher.hash("correct horse".into()).await.unwrap();
        let verdict =
            |password: &str, stored: Option<&String>| hasher.verify(password.into(), stored.cloned());
        assert_eq!(verdict("correct horse", Some(&stored)).await.unwrap(), Verdict::Right);
        assert_eq!(verdict("Correct horse", Some(&stored)).await.unwrap(), Verdict::Wrong);
        assert_eq!(verdict("correct horse", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn beyond_the_bound_it_says_so_at_once() {
        let hasher = Arc::new(hasher(1));
        let _busy = hasher.threads.clone().acquire_owned().await.unwrap();
        let waiting: Vec<_> = (0..hasher.most_inside).map(|_| Inside::enter(&hasher).unwrap()).collect();
        assert!(matches!(hasher.hash("x".into()).await, Err(AuthError::Overloaded)));
        drop(waiting);
        assert_eq!(hasher.inside.load(Ordering::Acquire), 0);
    }
}
