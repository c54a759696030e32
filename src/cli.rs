//! The command line.

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Outside, PORTS},
    config::{Config, Environment},
    document,
    infra::telemetry,
    seed,
    server::{self, Server},
};

#[derive(Parser)]
#[command(name = "rookery", version, about = "A modular backend: accounts, posts, messages")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and Socket.IO (the default)
    Serve,
    /// Apply the migrations that the database lacks, and stop
    Migrate,
    /// Fill an empty installation with a small world to look around in
    Seed,
    /// Administer accounts from this machine
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Which life of the database this is, by which clients know whether their numbers still hold
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Print the AsyncAPI document, which is about sockets
    Asyncapi,
    /// List every operation and socket event, its guard, and the roles that pass
    Routes,
    /// Draw the modules and what they use of each other, as a Mermaid diagram
    Graph,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Make somebody an administrator; that is how the first one is made
    Grant { username: String },
}

#[derive(Subcommand)]
enum EpochCommand {
    /// Print it
    Show,
    /// Begin another: after a restored backup, or a promoted standby that lagged
    Bump,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command and says how it went; errors go to standard error.
pub async fn run() -> ExitCode {
    match execute(Arguments::parse().command.unwrap_or(Command::Serve)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rookery: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), Failure> {
    // Two backends are in the tree; TLS must know which one to use before anybody asks.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a TLS backend had been chosen before");
    }
    match command {
        Command::Serve => serve().await,
        Command::Migrate => with_app(async |_| Ok("the schema is up to date".to_owned())).await,
        Command::Seed => seed().await,
        Command::Admin(AdminCommand::Grant { username }) => {
            with_app(async |app: &App| {
                let granted = app.modules.admin.service().grant(&username).await;
                let account =
                    granted.map_err(|error| format!("{username} can't be made administrator: {error}"))?;
                Ok(format!("{} is an administrator", account.username))
            })
            .await
        }
        Command::Epoch(EpochCommand::Show) => {
            with_app(async |app: &App| Ok(app.db.epoch().await?.to_string())).await
        }
        Command::Epoch(EpochCommand::Bump) => {
            with_app(async |app: &App| {
                let epoch = app.db.bump_epoch().await?;
                Ok(format!("{epoch}: every client is told to begin anew"))
            })
            .await
        }
        Command::Openapi => describe(server::document_text).await,
        Command::Asyncapi => describe(server::asyncapi_text).await,
        Command::Routes => describe(routes).await,
        Command::Graph => describe(|app| document::graph(&app.meta(), PORTS)).await,
    }
}

async fn serve() -> Result<(), Failure> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let greet = config.environment == Environment::Development;
    let prefix = config.server.api_prefix.clone();
    let server = Server::bind(App::build(config, Outside::default()).await?).await?;
    let address = server.address()?;
    tracing::info!(%address, "listening");
    if greet {
        greeting(&format!("{}://{address}", server.scheme()), &prefix);
    }
    server.run(on_signal()?).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Builds the program, does one thing with it, and says what was done.
async fn with_app(act: impl AsyncFnOnce(&App) -> Result<String, Failure>) -> Result<(), Failure> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let app = App::build(config, Outside::default()).await?;
    let done = act(&app).await;
    app.close().await?;
    println!("{}", done?);
    Ok(())
}

async fn seed() -> Result<(), Failure> {
    with_app(async |app: &App| {
        if app.config.environment == Environment::Production {
            return Err("the seed's password is public, so it isn't for production".into());
        }
        match seed::seed(app).await? {
            true => Ok(format!(
                "Eight people are here now: ada, ben, chiara … Everybody's password: {}",
                seed::PASSWORD
            )),
            false => Ok("The seeded people are here already; nothing was changed.".into()),
        }
    })
    .await
}

/// Two people, one of them an administrator, in two lines.
fn greeting(base: &str, prefix: &str) {
    println!(
        "\n  Rookery is at {base}, its API explorer at {base}/api-docs\n\n  \
         register:      curl {base}{prefix}/auth/register --json '{{\"username\":\"ana\",\"email\":\"ana@example.com\",\"password\":\"correct horse\"}}'\n  \
         become admin:  rookery admin grant ana   (here: cargo run -- admin grant ana)\n"
    );
}

/// Cancelled by the first SIGTERM or Ctrl-C.
fn on_signal() -> Result<CancellationToken, std::io::Error> {
    let token = CancellationToken::new();
    let stop = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        let signalled = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        };
        #[cfg(not(unix))]
        let signalled = tokio::signal::ctrl_c();
        _ = signalled.await;
        stop.cancel();
    });
    Ok(token)
}

fn routes(app: &App) -> String {
    document::table(&document::accesses(&server::document(app), &app.meta(), app.connector.namespace()))
}

/// Prints what the program says of itself. Needs no database: it is made of types. A scratch one in a
/// temporary folder is built only because modules hold a handle.
async fn describe(tell: impl FnOnce(&App) -> String) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("document.db").display().to_string();
    let config = Config::read(&|name| (name == "DATABASE_URL").then(|| format!("sqlite:{path}")))?;
    let app = App::build(config, Outside::default()).await?;
    let text = tell(&app);
    app.close().await?;
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}
