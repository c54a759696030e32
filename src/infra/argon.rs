//! Argon2id, in memory that is used again, and given back when nobody needs it.
//!
//! Asked of the system for every hash, it makes one take 26 ms instead of 15. Freed after every hash to an allocator that
//! keeps it, it would stay with whichever of the runtime's threads had freed it: glibc kept more than 400 MiB after five
//! hundred registrations.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};

use crate::problem::Problem;

/// OWASP's first recommendation for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Blocks that are asked for at once, though fewer are touched: of more than 32 MiB glibc keeps nothing when it is freed.
const NEVER_KEPT: usize = 33 * 1024;

/// Hashes with our parameters, and verifies with those of the stored hash.
pub struct Argon {
    ours: Argon2<'static>,
    unused: Mutex<Unused>,
}

/// Each of the size that we hash with.
#[derive(Default)]
struct Unused {
    memories: Vec<Vec<Block>>,
    /// So many of them weren't needed since some were given back last.
    needless: usize,
}

/// What verifying found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, but hashed more weakly than we would now.
    RightButWeak,
}

impl Default for Argon {
    fn default() -> Self {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN));
        let params = params.expect("the parameters are within Argon2's bounds");
        Self { ours: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), unused: Mutex::default() }
    }
}

impl Argon {
    /// The PHC string of a password, with a new salt.
    pub fn hash(&self, password: &str) -> Result<String, Problem> {
        let (salt, params) = (Salt::generate(), self.ours.params());
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).map_err(Problem::internal)?,
            salt: Some(salt),
            hash: Some(self.output(&self.ours, password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
        };
        Ok(hash.to_string())
    }

    /// Compares in constant time.
    pub fn verify(&self, password: &str, stored: &str) -> Result<Verdict, Problem> {
        let stored = PasswordHash::new(stored).map_err(Problem::internal)?;
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(Problem::internal)?;
        let version = stored.version.map(Version::try_from).transpose().map_err(Problem::internal)?;
        let params = Params::try_from(&stored).map_err(Problem::internal)?;
        let (Some(salt), Some(right)) = (stored.salt, stored.hash) else {
            return Err(Problem::internal("a stored password hash has no salt or no output"));
        };
        let strong = algorithm == Algorithm::Argon2id
            && params.m_cost() >= MEMORY_KIB
            && params.t_cost() >= PASSES
            && params.p_cost() >= LANES;
        let theirs = Argon2::new(algorithm, version.unwrap_or_default(), params);
        Ok(match self.output(&theirs, password, &salt, right.len())? == right {
            false => Verdict::Wrong,
            true if strong => Verdict::Right,
            true => Verdict::RightButWeak,
        })
    }

    fn output(&self, argon: &Argon2, password: &str, salt: &Salt, length: usize) -> Result<Output, Problem> {
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..length).ok_or_else(|| Problem::internal("a hash is too long"))?;
        let wanted = argon.params().block_count();
        if wanted > self.ours.params().block_count() {
            argon.hash_password_into(password.as_bytes(), salt, output).map_err(Problem::internal)?;
        } else {
            let mut memory = self.memory();
            let hashed = argon.hash_password_into_with_memory(
                password.as_bytes(),
                salt,
                output,
                &mut memory[..wanted],
            );
            self.unused().memories.push(memory);
            hashed.map_err(Problem::internal)?;
        }
        Output::new(output).map_err(Problem::internal)
    }

    /// Gives back what nobody has needed since this was called last.
    pub fn give_back(&self) {
        let mut unused = self.unused();
        let needless = unused.needless;
        let given: Vec<_> = unused.memories.drain(..needless).collect();
        unused.needless = unused.memories.len();
        drop(unused);
        drop(given);
    }

    /// What was used last, or new.
    fn memory(&self) -> Vec<Block> {
        let mut unused = self.unused();
        if let Some(memory) = unused.memories.pop() {
            unused.needless = unused.needless.min(unused.memories.len());
            return memory;
        }
        drop(unused);
        let mut memory = Vec::with_capacity(NEVER_KEPT);
        memory.resize(self.ours.params().block_count(), Block::new());
        memory
    }

    /// Whole whatever happened to whoever held the lock.
    fn unused(&self) -> MutexGuard<'_, Unused> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    fn with(memory_kib: u32) -> Argon2<'static> {
        let params = Params::new(memory_kib, 1, 1, None).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    #[test]
    fn a_hash_is_argon2id_with_the_stated_parameters_and_a_salt_of_its_own() {
        let argon = Argon::default();
        let (one, other) = (argon.hash("correct horse").unwrap(), argon.hash("correct horse").unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn the_library_understands_our_hashes_and_we_understand_its() {
        let (argon, library) = (Argon::default(), with(8 * 1024));
        let ours = argon.hash("correct horse").unwrap();
        library.verify_password(b"correct horse", ours.as_str()).unwrap();
        library.verify_password(b"Correct horse", ours.as_str()).unwrap_err();
        // One that needs less memory than ours, and one that needs more.
        for (library, verdict) in [(library, Verdict::RightButWeak), (with(20 * 1024), Verdict::RightButWeak)]
        {
            let theirs = library.hash_password(b"correct horse").unwrap().to_string();
            assert_eq!(argon.verify("correct horse", &theirs).unwrap(), verdict);
            assert_eq!(argon.verify("Correct horse", &theirs).unwrap(), Verdict::Wrong);
        }
    }

    #[test]
    fn memory_is_used_again_and_given_back_when_it_is_not() {
        let argon = Argon::default();
        let hash = argon.hash("correct horse").unwrap();
        let place =
            |argon: &Argon| argon.unused().memories.iter().map(|memory| memory.as_ptr()).collect::<Vec<_>>();
        let before = place(&argon);
        for _ in 0..3 {
            assert_eq!(argon.verify("correct horse", &hash).unwrap(), Verdict::Right);
        }
        assert_eq!((before.len(), place(&argon)), (1, before));
        let (one, other) = (argon.memory(), argon.memory());
        argon.unused().memories.extend([one, other]);
        for left in [2, 1, 0] {
            argon.give_back();
            assert_eq!(place(&argon).len(), left);
            // One of them is needed, the first time.
            if left == 2 {
                argon.hash("correct horse").unwrap();
            }
        }
    }
}
