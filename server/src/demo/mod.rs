//! The demo: the main job, run for real. An invented community on the embedded database, three phones over
//! HTTP that lose the network, work, and come together again, and the lead's page of the day.
//!
//! `gridbook-server demo` calls [`run`]; the population also serves tests and measurements.

mod founding;
mod page;
mod pocket;
pub mod population;
mod story;
mod telling;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use gridbook_core::clock::{Surroundings, Zone};
use gridbook_core::model::words::Locale;
use tokio::net::TcpListener;

use crate::error::{Error, Result};
use crate::server::{Running, Server};

use founding::Founded;
use population::Size;
use story::Story;
use telling::Teller;

/// What a demo needs to know.
#[derive(Clone, Debug)]
pub struct Demo<'a> {
    /// The folder for server and phones.
    pub folder: &'a Path,
    /// Which community; the same number always means the same one.
    pub seed: u64,
    /// How large it is.
    pub size: Size,
    /// Where the server listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The language that the story is told in.
    pub locale: Locale,
}

/// Founds the community, or finds the one of an earlier run, tells the story line by line through `print`,
/// and returns the server, which keeps running.
///
/// # Errors
/// [`Error::File`] if the folder or the port cannot be had, or what server and phones say.
pub async fn run(demo: Demo<'_>, print: &mut dyn FnMut(&str)) -> Result<Running> {
    let surroundings = Surroundings::system();
    let today = Zone::china().day(surroundings.now());
    let mut teller = Teller::new(demo.locale, print);
    let server = Server::open(&demo.folder.join("server"), surroundings).await?;
    let founded = Founded::find_or_found(&server, demo.seed, demo.size, today, &mut teller).await?;
    let listener = TcpListener::bind(demo.listen).await;
    let listener = listener.map_err(|source| Error::File { path: demo.listen.to_string().into(), source })?;
    let running = server.serve(listener)?;
    let url = running.url();
    teller.tell("serving", &[("url", &url)]);

    let story = Story::begin(&server, &founded, &demo.folder.join("phones"), &url, &mut teller).await?;
    story.tell(&mut teller).await?;
    page::print(&server, &founded, today, &mut teller).await?;
    let token = lead_token(&server, &founded, &demo.folder.join("lead-token")).await?;
    teller.blank();
    teller.tell("addresses", &[("url", &url)]);
    let password = lead_password(&server, &founded, &demo.folder.join("lead-password")).await?;
    teller.tell("token", &[("token", &token), ("url", &url), ("day", &today.to_string())]);
    let name = founded.name("lead-1");
    teller.tell("console", &[("url", &url), ("name", name), ("password", &password)]);
    teller.tell("stop", &[]);
    Ok(running)
}

/// The lead's password for the console: made once, kept in a file that only its owner reads.
async fn lead_password(server: &Server, founded: &Founded, file: &Path) -> Result<String> {
    if let Ok(password) = fs::read_to_string(file) {
        return Ok(password.trim().to_owned());
    }
    let admin = server.admin();
    let random = server.service().surroundings().random::<10>();
    let password = data_encoding::BASE32_DNSSEC.encode(&random);
    let lead = admin.find_person(founded.person("lead-1")?.as_str()).await?;
    admin.set_console_password(&lead, &password).await?;
    pocket::write_private(file, password.as_bytes())?;
    Ok(password)
}

/// The lead's token: made once, kept in a file that only its owner reads.
async fn lead_token(server: &Server, founded: &Founded, file: &Path) -> Result<String> {
    if let Ok(token) = fs::read_to_string(file) {
        return Ok(token.trim().to_owned());
    }
    let token = server.admin().token(founded.person("lead-1")?, "demo", 365).await?;
    pocket::write_private(file, token.as_bytes())?;
    Ok(token)
}
