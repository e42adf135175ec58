-- Names are looked up here while users is out of reach.
CREATE INDEX people_pseudo_idx ON channels.people (pseudo) WHERE NOT deleted;
