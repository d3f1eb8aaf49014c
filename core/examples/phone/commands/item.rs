//! An item of a checklist or template as it is typed: its title, then what else is known of it, as in
//! `smoke detectors;people=2;for=LI XUE,WANG MING`. `list add` and `template add` read it.

use gridbook_core::clock::Day;
use gridbook_core::model::Tags;

use crate::failure::Failure;
use crate::phone::Phone;

/// What was typed of one item.
#[derive(Clone, Debug, Default)]
pub(super) struct TypedItem {
    pub(super) title: String,
    /// By when, in a checklist; the list's end if not given.
    pub(super) due: Option<Day>,
    /// How many days after the period begins, in a template; by its end if 0.
    pub(super) after: u32,
    /// How many people must tick it, if it says so itself.
    pub(super) people: Option<u32>,
    /// Who is asked; everybody if empty.
    pub(super) people_asked: Tags,
}

impl TypedItem {
    /// Reads every item.
    ///
    /// # Errors
    /// Names the part that cannot be read, the day or the person that is not known.
    pub(super) fn read_all(phone: &Phone, texts: &[String]) -> Result<Vec<Self>, Failure> {
        texts.iter().map(|text| Self::read(phone, text)).collect()
    }

    fn read(phone: &Phone, text: &str) -> Result<Self, Failure> {
        let mut parts = text.split([';', '；']).map(str::trim);
        let mut item = Self { title: parts.next().unwrap_or_default().to_owned(), ..Self::default() };
        for part in parts.filter(|part| !part.is_empty()) {
            let unreadable = || Failure::input("bad_item", &[("text", part)]);
            let number = |value: &str| value.parse().map_err(|_| unreadable());
            match part.split_once('=').ok_or_else(unreadable)? {
                ("due", day) => item.due = Some(phone.day(day)?),
                ("after", days) => item.after = number(days)?,
                ("people", people) => item.people = Some(number(people)?),
                ("for", names) => {
                    let people = names.split([',', '，', '、']).map(|name| phone.person(name.trim()));
                    item.people_asked =
                        people.map(|id| id.map(|id| id.as_str().to_owned())).collect::<Result<_, _>>()?;
                }
                _ => return Err(unreadable()),
            }
        }
        Ok(item)
    }
}
