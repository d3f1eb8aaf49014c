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

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use gridbook_core::clock::{Clock, Day, Instant, Surroundings, Zone};
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
    /// How long each step of the day rests, so that who watches the console sees it come in.
    pub pace: Duration,
}

/// How many rests the day waits for who logs in first.
const RESTS_TO_LOG_IN: u32 = 15;
/// In the demo's folder while the community is being founded: whoever finds it knows that this did not end.
const FOUNDING: &str = "founding";
/// In the demo's folder: the server's folder and the phones'.
const SERVER: &str = "server";
const PHONES: &str = "phones";

/// Founds the community, or finds the one of an earlier run, tells the story line by line through `print`,
/// and returns the server, which keeps running.
///
/// # Errors
/// [`Error::File`] if the folder or the port cannot be had, or what server and phones say.
pub async fn run(demo: Demo<'_>, print: &mut dyn FnMut(&str)) -> Result<Running> {
    let surroundings = Surroundings::system();
    let today = Zone::china().day(surroundings.now());
    let mut teller = Teller::new(demo.locale, demo.pace, print);
    let founded = found_or_find(&demo, today, &mut teller).await?;
    let server = Server::open(&demo.folder.join(SERVER), surroundings).await?;
    let listener = TcpListener::bind(demo.listen).await;
    let listener = listener.map_err(|source| Error::File { path: demo.listen.to_string().into(), source })?;
    let running = server.serve(listener)?;
    let url = running.url();
    let password = lead_password(&server, &founded, &demo.folder.join("lead-password")).await?;
    let login = [("url", url.as_str()), ("name", founded.name("lead-1")), ("password", &password)];
    teller.tell("serving", &login);
    teller.tell("watch", &login);
    teller.rest(RESTS_TO_LOG_IN).await;

    let story = Story::begin(&server, &founded, &demo.folder.join(PHONES), &url, &mut teller).await?;
    story.tell(&mut teller).await?;
    page::print(&server, &founded, today, &mut teller).await?;
    let token = lead_token(&server, &founded, &demo.folder.join("lead-token")).await?;
    teller.blank();
    teller.tell("addresses", &[("url", &url)]);
    teller.tell("token", &[("token", &token), ("url", &url), ("day", &today.to_string())]);
    teller.tell("console", &login);
    teller.tell("stop", &[]);
    Ok(running)
}

/// The community of an earlier run, or a new one; what an interrupted run left half founded is thrown away.
///
/// It is founded the evening before, as the server sees it: the past of a month did not come in today.
async fn found_or_find(demo: &Demo<'_>, today: Day, teller: &mut Teller<'_>) -> Result<Founded> {
    let file = |path: &Path, source| Error::File { path: path.to_owned(), source };
    let (mark, folder) = (demo.folder.join(FOUNDING), demo.folder.join(SERVER));
    if mark.exists() {
        teller.tell("founding_was_interrupted", &[]);
        for left in [SERVER, PHONES].map(|name| demo.folder.join(name)) {
            match fs::remove_dir_all(&left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file(&left, error)),
                _ => {}
            }
        }
    }
    let evening = Surroundings { clock: Arc::new(Evening(today)), ..Surroundings::system() };
    let is_new = !folder.exists();
    if is_new {
        fs::create_dir_all(demo.folder).map_err(|error| file(demo.folder, error))?;
        fs::write(&mark, "").map_err(|error| file(&mark, error))?;
    }
    let server = Server::open(&folder, evening).await?;
    let founded = Founded::find_or_found(&server, demo.seed, demo.size, today, teller).await?;
    drop(server);
    if is_new {
        fs::remove_file(&mark).map_err(|error| file(&mark, error))?;
    }
    Ok(founded)
}

/// The last minute before a day begins in China.
struct Evening(Day);

impl Clock for Evening {
    fn now(&self) -> Instant {
        Zone::china().start_of(self.0).plus_millis(-60_000)
    }
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
