-- The files that the manifest names now; everything else in the folder is left over or half written. Read this script in
-- again when files are gone: a copy or an erasure has written others.
SET VARIABLE waypost_event_files = (
  SELECT list('{{folder}}/' || name) FROM (
    SELECT unnest(json_extract_string(content, '$.days.*[*][0]')) AS name
    FROM read_text('{{folder}}/manifest.json')));
SET VARIABLE waypost_people_files = (
  SELECT list('{{folder}}/' || name) FROM (
    SELECT unnest(json_extract_string(content, '$.people[*][0]')) AS name
    FROM read_text('{{folder}}/manifest.json')));
CREATE OR REPLACE TEMP MACRO get_json_object(text, path) AS json_extract_string(text, path);

-- person_numbers: Every number under which events were filed, and who that is today.
--   id: a number that events were filed under
--   person: whose number that is today
--   user: the id that people know: the user's own, else the first anonymous one
--   is_known: has a user id
--   simulated: first received as simulated
--   created: first received, UTC
CREATE OR REPLACE TEMP VIEW person_numbers AS
SELECT id, person, "user", is_known, simulated, make_timestamp(created) AS created
FROM read_parquet(getvariable('waypost_people_files'), filename = true)
-- The second file has those who changed since the first was written.
QUALIFY row_number() OVER (PARTITION BY id ORDER BY filename = getvariable('waypost_people_files')[1]) = 1;

-- events: Every event, with whose it is today.
--   seq: order of receipt; one event, one number
--   person: the number of the person, as of now
--   user: the id that people know
--   kind: `track`, `identify`, `page`, `screen`, `group` or `alias`
--   name: of a tracked event; else `$page`, `$identify` and so on
--   time: when it happened, UTC
--   day: the same as a day, as the files are divided
--   session_id: as the sender named it
--   account: of a `group`: which one
--   path: of the event's own properties, else of its context
--   device: of the context
--   browser: of the context
--   country: of the context
--   language: of the context
--   app_version: of the context
--   properties: JSON; nothing where empty
--   traits: JSON, of an `identify` or a `group`
--   from_browser: from the user's own browser
--   simulated: simulated, the event or the person
--   bot: sent by a program that nobody sits in front of
--   counts: neither simulated nor of a bot: what analyses count, but for your own people, whom the rules know
CREATE OR REPLACE TEMP VIEW events AS
SELECT
  e.seq, coalesce(n.person, e.person_id) AS person, p."user", e.kind, e.name,
  make_timestamp(e.time) AS time, make_timestamp(e.time)::DATE AS day, e.session_id, e.group_id AS account,
  e.path, e.device, e.browser, e.country, e.language, e.app_version,
  e.properties::JSON AS properties, e.traits::JSON AS traits, e.from_browser,
  e.simulated OR coalesce(p.simulated, false) AS simulated, e.bot,
  NOT (e.simulated OR coalesce(p.simulated, false) OR e.bot) AS counts
FROM read_parquet(getvariable('waypost_event_files'), hive_partitioning = false) AS e
LEFT JOIN person_numbers AS n ON n.id = e.person_id
LEFT JOIN person_numbers AS p ON p.id = n.person;

-- people: One row a person who sent anything that counts.
--   person: the number of the person, as of now
--   user: the id that people know
--   is_known: has a user id
--   created: first received, UTC
--   first_seen: time of the first event
--   last_seen: time of the last one
--   events: how many
--   account: the account that they said last they belong to
CREATE OR REPLACE TEMP VIEW people AS
SELECT
  e.person, any_value(e."user") AS "user", any_value(p.is_known) AS is_known, any_value(p.created) AS created,
  min(e.time) AS first_seen, max(e.time) AS last_seen, count(*) AS events,
  arg_max(e.account, (e.time, e.seq)) FILTER (WHERE e.kind = 'group' AND e.account IS NOT NULL) AS account
FROM events AS e LEFT JOIN person_numbers AS p ON p.id = e.person
WHERE e.counts
GROUP BY e.person;

-- traits: What was said last of each trait of a person, where it was a plain value. Operations (`$add`, `$append` and so on) are left out: breakdowns of a funnel know what they make of a value.
--   person: the number of the person, as of now
--   user: the id that people know
--   name: of the trait
--   value: JSON
--   time: when it was said, UTC
CREATE OR REPLACE TEMP VIEW traits AS
SELECT person, any_value("user") AS "user", name, arg_max(value, (time, seq)) AS value, max(time) AS time
FROM (
  SELECT person, "user", time, seq, unnest(map_keys(told)) AS name, unnest(map_values(told)) AS value
  FROM (
    SELECT person, "user", time, seq, traits::MAP(VARCHAR, JSON) AS told
    FROM events WHERE counts AND kind = 'identify' AND traits IS NOT NULL))
WHERE name NOT LIKE '$%'
GROUP BY person, name;

-- sessions: One row a session, as analyses count them: the sender's own, else by pauses of {{gap}} minutes.
--   person: the number of the person, as of now
--   user: the id that people know
--   session: its name, unlike any other's
--   began: time of its first event, UTC
--   ended: time of its last one
--   events: how many
CREATE OR REPLACE TEMP VIEW sessions AS
SELECT
  person, any_value("user") AS "user", person || '/' || name AS session,
  min(time) AS began, max(time) AS ended, count(*) AS events
FROM (
  SELECT
    person, "user", time,
    coalesce('s:' || session_id, 'n:' || sum(begins) OVER (PARTITION BY person ORDER BY time, seq)) AS name
  FROM (
    SELECT *,
      CASE
        WHEN time - lag(time) OVER (PARTITION BY person ORDER BY time, seq) < INTERVAL {{gap}} MINUTE THEN 0
        ELSE 1
      END AS begins
    FROM events WHERE counts AND (kind = 'track' OR name LIKE '$%')))
GROUP BY person, name;

-- steps: When a person first did what reaches a step of a journey, by the rules in force when this script was written. In which order and in what time they have to be done, a funnel decides and not this view.
--   journey: name of the journey
--   stage: name of the stage
--   step: name of the step
--   place: its number in the journey, from 1
--   person: the number of the person, as of now
--   user: the id that people know
--   time: when they first did it, UTC
CREATE OR REPLACE TEMP VIEW steps AS
{{steps}};

-- guides: What happened with guides and surveys.
--   person: the number of the person, as of now
--   user: the id that people know
--   time: when it happened, UTC
--   guide: name of the guide or survey
--   what: {{lives}}
--   variant: where there are several
--   properties: everything that was sent with it, JSON
CREATE OR REPLACE TEMP VIEW guides AS
SELECT
  person, "user", time, properties ->> '$.guide' AS guide, substr(name, 2) AS what,
  properties ->> '$.variant' AS variant, properties
FROM events WHERE counts AND name IN ({{life}});

-- responses: One row for each question that was answered in a submission, with the answer given last.
--   person: the number of the person, as of now
--   user: the id that people know
--   time: when it was given, UTC
--   guide: name of the survey
--   question: name of the question
--   submission: which answers belong together; nothing where the page does not number them
--   value: the answer, JSON: a number, the name of a choice, a list of them, a text
--   text: in their own words
--   language: of the words
CREATE OR REPLACE TEMP VIEW responses AS
SELECT
  person, "user", time, properties ->> '$.guide' AS guide, properties ->> '$.question' AS question,
  properties ->> '$.submission' AS submission, properties -> '$.value' AS value, properties ->> '$.text' AS text,
  properties ->> '$.language' AS language
FROM events
WHERE counts AND name = '$answered' AND (properties -> '$.value') IS NOT NULL
QUALIFY row_number() OVER (
  PARTITION BY person, guide, question, coalesce(submission, seq::VARCHAR) ORDER BY time DESC, seq DESC) = 1;

-- friction: Signs of friction that the snippet saw.
--   person: the number of the person, as of now
--   user: the id that people know
--   time: when it happened, UTC
--   signal: {{signals}}
--   path: of the page
--   selector: of the element
--   properties: everything that was sent with it, JSON
CREATE OR REPLACE TEMP VIEW friction AS
SELECT person, "user", time, substr(name, 2) AS signal, path, properties ->> '$.selector' AS selector, properties
FROM events WHERE counts AND name IN ({{friction}});

-- releases: Releases of your product, as `$release` told them.
--   time: when it happened, UTC
--   version: as it was told
--   properties: everything that was sent with it, JSON
CREATE OR REPLACE TEMP VIEW releases AS
SELECT time, properties ->> '$.version' AS version, properties
FROM events WHERE name = '$release';
