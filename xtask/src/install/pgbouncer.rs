//! PgBouncer, in a version that prepares statements in transaction mode. Older ones fail on them,
//! or answer with another statement's rows; Debian 12 still ships one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::apt::Apt;
use super::version::Version;
use super::{find, sources};
use crate::stage::stage;
use crate::{run, workspace};

const OLDEST: Version = Version::new(1, 21, 0);
/// The first Debian release with such a version.
const RELEASE: &str = "trixie";
const BUILD_NEEDS: [&str; 6] = ["gcc", "libc-ares-dev", "libevent-dev", "libssl-dev", "make", "pkg-config"];
const LIMIT: Duration = Duration::from_mins(10);

/// The machine's own, one built earlier, the distribution's, or else one built now.
pub fn find_or_build(apt: &mut Apt) -> Result<PathBuf> {
    let present = find::program("pgbouncer").into_iter().chain(built_earlier());
    if let Some(program) = present.into_iter().find(|program| find::version_of(program) >= Some(OLDEST)) {
        return Ok(program);
    }
    if apt.candidate("pgbouncer")? >= Some(OLDEST) {
        apt.install(&["pgbouncer"])?;
        return find::program("pgbouncer").context("pgbouncer is installed, yet not to be found");
    }
    apt.require(&BUILD_NEEDS)?;
    stage("build PgBouncer from Debian's sources", || {
        build().context("no PgBouncer 1.21 or newer is installed or offered, and building one failed")
    })
}

fn built_earlier() -> Vec<PathBuf> {
    let directories = fs::read_dir(workspace::tools()).into_iter().flatten().flatten();
    let ours = directories.filter(|entry| entry.file_name().to_string_lossy().starts_with("pgbouncer-"));
    ours.map(|entry| entry.path().join("pgbouncer")).collect()
}

fn build() -> Result<PathBuf> {
    let work = workspace::tools().join("build-pgbouncer");
    remove(&work)?;
    let tarball = download(&work)?;
    let source = work.join("source");
    fs::create_dir_all(&source)?;
    let step = |name: &str, command: &mut Command| run::logged(name, command.current_dir(&source), LIMIT);
    step(
        "pgbouncer-unpack",
        Command::new("tar").args(["--extract", "--strip-components=1", "--file"]).arg(&tarball),
    )?;
    step("pgbouncer-configure", Command::new("./configure").arg("--without-pam"))?;
    step("pgbouncer-make", Command::new("make").args(["-j2", "pgbouncer"]))?;

    let built = source.join("pgbouncer");
    let Version([major, minor, patch]) = find::version_of(&built).context("what was built doesn't run")?;
    let home = workspace::tools().join(format!("pgbouncer-{major}.{minor}.{patch}"));
    fs::create_dir_all(&home)?;
    let program = home.join("pgbouncer");
    fs::rename(&built, &program)?;
    remove(&work)?;
    Ok(program)
}

/// Downloads the source package with apt, which verifies it, and returns the upstream tarball.
/// The machine's own package lists and caches aren't touched: these are private ones.
fn download(work: &Path) -> Result<PathBuf> {
    let [parts, lists, cache] = ["parts", "lists", "cache"].map(|name| work.join(name));
    for directory in [&parts, &lists.join("partial"), &cache.join("archives/partial")] {
        fs::create_dir_all(directory)?;
    }
    fs::write(parts.join("debian.sources"), sources::of_release(RELEASE)?)?;
    let apt_get = |name: &str, arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["--quiet", "-o", "Dir::Etc::SourceList=/dev/null", "-o", "Acquire::Languages=none"]);
        for (option, value) in
            [("Dir::Etc::SourceParts", &parts), ("Dir::State::Lists", &lists), ("Dir::Cache", &cache)]
        {
            command.arg("-o").arg(format!("{option}={}", value.display()));
        }
        // Root would download as the user `_apt`, who may not be able to enter the clone.
        command.args(["-o", "APT::Sandbox::User=root"]).args(arguments).current_dir(work);
        run::logged(name, &mut command, LIMIT)
    };
    apt_get("pgbouncer-lists", &["update"])?;
    apt_get("pgbouncer-source", &["source", "--download-only", "pgbouncer"])?;
    let mut files = fs::read_dir(work)?.flatten().map(|entry| entry.path());
    files
        .find(|file| file.to_string_lossy().contains(".orig.tar."))
        .context("the source package has no tarball")
}

fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
